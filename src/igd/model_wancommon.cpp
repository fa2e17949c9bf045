// SPDX-License-Identifier: GPL-2.0-or-later
// WANCommonInterfaceConfig:1 is the link to the Internet, with the four counters that Windows'
// network dialogs poll (all or none of them: IGD-CIF-07).
#include "model.h"

namespace igd {
namespace {

constexpr std::string_view kAccessTypes[] = {"DSL", "POTS", "Cable", "Ethernet"};
constexpr std::string_view kLinkStates[] = {"Up", "Down", "Initializing", "Unavailable"};

constexpr StateVariable kVariables[] = {
    {"WANAccessType", DataType::String, false, kAccessTypes},
    {"Layer1UpstreamMaxBitRate", DataType::Ui4},
    {"Layer1DownstreamMaxBitRate", DataType::Ui4},
    {"PhysicalLinkStatus", DataType::String, true, kLinkStates},
    {"TotalBytesSent", DataType::Ui4},
    {"TotalBytesReceived", DataType::Ui4},
    {"TotalPacketsSent", DataType::Ui4},
    {"TotalPacketsReceived", DataType::Ui4},
};

constexpr Argument kLinkProperties[] = {
    {"NewWANAccessType", Direction::Out, "WANAccessType"},
    {"NewLayer1UpstreamMaxBitRate", Direction::Out, "Layer1UpstreamMaxBitRate"},
    {"NewLayer1DownstreamMaxBitRate", Direction::Out, "Layer1DownstreamMaxBitRate"},
    {"NewPhysicalLinkStatus", Direction::Out, "PhysicalLinkStatus"},
};
constexpr Argument kBytesSent[] = {{"NewTotalBytesSent", Direction::Out, "TotalBytesSent"}};
constexpr Argument kBytesReceived[] = {
    {"NewTotalBytesReceived", Direction::Out, "TotalBytesReceived"}};
constexpr Argument kPacketsSent[] = {{"NewTotalPacketsSent", Direction::Out, "TotalPacketsSent"}};
constexpr Argument kPacketsReceived[] = {
    {"NewTotalPacketsReceived", Direction::Out, "TotalPacketsReceived"}};

constexpr Action kActions[] = {
    {"GetCommonLinkProperties", kLinkProperties},  {"GetTotalBytesSent", kBytesSent},
    {"GetTotalBytesReceived", kBytesReceived},     {"GetTotalPacketsSent", kPacketsSent},
    {"GetTotalPacketsReceived", kPacketsReceived},
};

}  // namespace

constexpr Service kWanCommonInterfaceConfig1{
    "urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1",
    "urn:upnp-org:serviceId:WANCommonIFC1",
    "/WANCfg.xml",
    "/ctl/CmnIfCfg",
    "/evt/CmnIfCfg",
    kActions,
    kVariables,
};
static_assert(isWellFormed(kWanCommonInterfaceConfig1));

}  // namespace igd
