// SPDX-License-Identifier: GPL-2.0-or-later
// WANIPv6FirewallControl:1 has all its seven actions here. Its argument names have no "New" in
// front, but one.
#include "model.h"

namespace igd {
namespace {

constexpr StateVariable kVariables[] = {
    {"FirewallEnabled", DataType::Boolean, true},
    {"A_ARG_TYPE_Boolean", DataType::Boolean},
    {"A_ARG_TYPE_OutboundPinholeTimeout", DataType::Ui4},
    {"A_ARG_TYPE_IPv6Address", DataType::String},
    {"A_ARG_TYPE_Port", DataType::Ui2},
    {"A_ARG_TYPE_Protocol", DataType::Ui2},
    {"InboundPinholeAllowed", DataType::Boolean, true},
    {"A_ARG_TYPE_LeaseTime", DataType::Ui4, false, {}, {}, ValueRange{1, 86400}},
    {"A_ARG_TYPE_UniqueID", DataType::Ui2},
    {"A_ARG_TYPE_PinholePackets", DataType::Ui4},
};

constexpr Argument kGetFirewallStatus[] = {
    {"FirewallEnabled", Direction::Out, "FirewallEnabled"},
    {"InboundPinholeAllowed", Direction::Out, "InboundPinholeAllowed"},
};
constexpr Argument kGetOutboundPinholeTimeout[] = {
    {"RemoteHost", Direction::In, "A_ARG_TYPE_IPv6Address"},
    {"RemotePort", Direction::In, "A_ARG_TYPE_Port"},
    {"InternalClient", Direction::In, "A_ARG_TYPE_IPv6Address"},
    {"InternalPort", Direction::In, "A_ARG_TYPE_Port"},
    {"Protocol", Direction::In, "A_ARG_TYPE_Protocol"},
    {"OutboundPinholeTimeout", Direction::Out, "A_ARG_TYPE_OutboundPinholeTimeout"},
};
constexpr Argument kAddPinhole[] = {
    {"RemoteHost", Direction::In, "A_ARG_TYPE_IPv6Address"},
    {"RemotePort", Direction::In, "A_ARG_TYPE_Port"},
    {"InternalClient", Direction::In, "A_ARG_TYPE_IPv6Address"},
    {"InternalPort", Direction::In, "A_ARG_TYPE_Port"},
    {"Protocol", Direction::In, "A_ARG_TYPE_Protocol"},
    {"LeaseTime", Direction::In, "A_ARG_TYPE_LeaseTime"},
    {"UniqueID", Direction::Out, "A_ARG_TYPE_UniqueID"},
};
constexpr Argument kUpdatePinhole[] = {
    {"UniqueID", Direction::In, "A_ARG_TYPE_UniqueID"},
    {"NewLeaseTime", Direction::In, "A_ARG_TYPE_LeaseTime"},
};
constexpr Argument kDeletePinhole[] = {{"UniqueID", Direction::In, "A_ARG_TYPE_UniqueID"}};
constexpr Argument kGetPinholePackets[] = {
    {"UniqueID", Direction::In, "A_ARG_TYPE_UniqueID"},
    {"PinholePackets", Direction::Out, "A_ARG_TYPE_PinholePackets"},
};
constexpr Argument kCheckPinholeWorking[] = {
    {"UniqueID", Direction::In, "A_ARG_TYPE_UniqueID"},
    {"IsWorking", Direction::Out, "A_ARG_TYPE_Boolean"},
};

constexpr Action kActions[] = {
    {"GetFirewallStatus", kGetFirewallStatus},
    {"GetOutboundPinholeTimeout", kGetOutboundPinholeTimeout},
    {"AddPinhole", kAddPinhole},
    {"UpdatePinhole", kUpdatePinhole},
    {"DeletePinhole", kDeletePinhole},
    {"GetPinholePackets", kGetPinholePackets},
    {"CheckPinholeWorking", kCheckPinholeWorking},
};

}  // namespace

constexpr Service kWanIpv6FirewallControl1{
    "urn:schemas-upnp-org:service:WANIPv6FirewallControl:1",
    "urn:upnp-org:serviceId:WANIPv6Firewall1",
    "/WANIP6FC.xml",
    "/ctl/IP6FCtl",
    "/evt/IP6FCtl",
    kActions,
    kVariables,
};
static_assert(isWellFormed(kWanIpv6FirewallControl1));

}  // namespace igd
