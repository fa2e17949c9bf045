// SPDX-License-Identifier: GPL-2.0-or-later
// WANIPConnection:1 and :2 have every required action and none of the optional ones (an action that
// is not in the SCPD answers 401). Version 2 has all of version 1 and more, and WANPPPConnection:1
// is version 1 under another name.
#include "model.h"

#include <array>

namespace igd {
namespace {

template <class T, std::size_t N, std::size_t M>
constexpr std::array<T, N + M> joined(const std::array<T, N>& first,
                                      const std::array<T, M>& second) {
    std::array<T, N + M> both{};
    std::ranges::copy(first, both.begin());
    std::ranges::copy(second, both.begin() + N);
    return both;
}

constexpr std::string_view kConnectionTypes[] = {"Unconfigured", "IP_Routed", "IP_Bridged"};
constexpr std::string_view kConnectionStates[] = {"Unconfigured",  "Connecting",
                                                  "Connected",     "PendingDisconnect",
                                                  "Disconnecting", "Disconnected"};
constexpr std::string_view kConnectionErrors[] = {
    "ERROR_NONE",
    "ERROR_COMMAND_ABORTED",
    "ERROR_NOT_ENABLED_FOR_INTERNET",
    "ERROR_USER_DISCONNECT",
    "ERROR_ISP_DISCONNECT",
    "ERROR_IDLE_DISCONNECT",
    "ERROR_FORCED_DISCONNECT",
    "ERROR_NO_CARRIER",
    "ERROR_IP_CONFIGURATION",
    "ERROR_UNKNOWN",
};
constexpr std::string_view kProtocols[] = {"TCP", "UDP"};
constexpr std::string_view kConnectionTypesPpp[] = {"Unconfigured",  "IP_Routed",  "DHCP_Spoofed",
                                                    "PPPoE_Bridged", "PPTP_Relay", "L2TP_Relay",
                                                    "PPPoE_Relay"};

constexpr auto kVariables = std::to_array<StateVariable>({
    {"ConnectionType", DataType::String, false, kConnectionTypes},
    {"PossibleConnectionTypes", DataType::String, true, kConnectionTypes},
    {"ConnectionStatus", DataType::String, true, kConnectionStates},
    {"Uptime", DataType::Ui4},
    {"LastConnectionError", DataType::String, false, kConnectionErrors, "ERROR_NONE"},
    {"RSIPAvailable", DataType::Boolean, false, {}, "0"},
    {"NATEnabled", DataType::Boolean, false, {}, "1"},
    {"ExternalIPAddress", DataType::String, true},
    {"PortMappingNumberOfEntries", DataType::Ui2, true},
    {"PortMappingEnabled", DataType::Boolean},
    {"PortMappingLeaseDuration", DataType::Ui4},
    {"RemoteHost", DataType::String},
    {"ExternalPort", DataType::Ui2},
    {"InternalPort", DataType::Ui2},
    {"PortMappingProtocol", DataType::String, false, kProtocols},
    {"InternalClient", DataType::String},
    {"PortMappingDescription", DataType::String},
});

/// Version 2 describes the same variables in other words, and has three of its own.
constexpr auto kVariables2 = [] {
    auto all = joined(kVariables, std::to_array<StateVariable>({
                                      {"SystemUpdateID", DataType::Ui4, true},
                                      {"A_ARG_TYPE_Manage", DataType::Boolean},
                                      {"A_ARG_TYPE_PortListing", DataType::String},
                                  }));
    for (StateVariable& variable : all) {
        if (variable.name == "ConnectionType") variable.defaultValue = "IP_Routed";
        if (variable.name == "InternalPort") variable.range = ValueRange{1, 65535};
        if (variable.name != "PortMappingLeaseDuration") continue;
        variable.defaultValue = "3600";
        variable.range = ValueRange{0, 604800};
    }
    return all;
}();

/// WANPPPConnection:1 section 2.2
constexpr auto kVariablesPpp = [] {
    auto all = joined(kVariables, std::to_array<StateVariable>({
                                      {"UpstreamMaxBitRate", DataType::Ui4},
                                      {"DownstreamMaxBitRate", DataType::Ui4},
                                  }));
    for (StateVariable& variable : all)
        if (variable.name.ends_with("ConnectionType") || variable.name.ends_with("ConnectionTypes"))
            variable.allowedValues = kConnectionTypesPpp;
    return all;
}();

constexpr Argument kSetConnectionType[] = {{"NewConnectionType", Direction::In, "ConnectionType"}};
constexpr Argument kGetConnectionTypeInfo[] = {
    {"NewConnectionType", Direction::Out, "ConnectionType"},
    {"NewPossibleConnectionTypes", Direction::Out, "PossibleConnectionTypes"},
};
constexpr Argument kGetStatusInfo[] = {
    {"NewConnectionStatus", Direction::Out, "ConnectionStatus"},
    {"NewLastConnectionError", Direction::Out, "LastConnectionError"},
    {"NewUptime", Direction::Out, "Uptime"},
};
constexpr Argument kGetNatRsipStatus[] = {
    {"NewRSIPAvailable", Direction::Out, "RSIPAvailable"},
    {"NewNATEnabled", Direction::Out, "NATEnabled"},
};
constexpr Argument kGetGenericPortMappingEntry[] = {
    {"NewPortMappingIndex", Direction::In, "PortMappingNumberOfEntries"},
    {"NewRemoteHost", Direction::Out, "RemoteHost"},
    {"NewExternalPort", Direction::Out, "ExternalPort"},
    {"NewProtocol", Direction::Out, "PortMappingProtocol"},
    {"NewInternalPort", Direction::Out, "InternalPort"},
    {"NewInternalClient", Direction::Out, "InternalClient"},
    {"NewEnabled", Direction::Out, "PortMappingEnabled"},
    {"NewPortMappingDescription", Direction::Out, "PortMappingDescription"},
    {"NewLeaseDuration", Direction::Out, "PortMappingLeaseDuration"},
};
constexpr Argument kGetSpecificPortMappingEntry[] = {
    {"NewRemoteHost", Direction::In, "RemoteHost", ""},
    {"NewExternalPort", Direction::In, "ExternalPort"},
    {"NewProtocol", Direction::In, "PortMappingProtocol"},
    {"NewInternalPort", Direction::Out, "InternalPort"},
    {"NewInternalClient", Direction::Out, "InternalClient"},
    {"NewEnabled", Direction::Out, "PortMappingEnabled"},
    {"NewPortMappingDescription", Direction::Out, "PortMappingDescription"},
    {"NewLeaseDuration", Direction::Out, "PortMappingLeaseDuration"},
};
constexpr Argument kAddPortMapping[] = {
    {"NewRemoteHost", Direction::In, "RemoteHost", ""},
    {"NewExternalPort", Direction::In, "ExternalPort"},
    {"NewProtocol", Direction::In, "PortMappingProtocol"},
    {"NewInternalPort", Direction::In, "InternalPort"},
    {"NewInternalClient", Direction::In, "InternalClient"},
    {"NewEnabled", Direction::In, "PortMappingEnabled", "1"},
    {"NewPortMappingDescription", Direction::In, "PortMappingDescription", ""},
    {"NewLeaseDuration", Direction::In, "PortMappingLeaseDuration", "0"},
};
constexpr Argument kAddAnyPortMapping[] = {
    kAddPortMapping[0], kAddPortMapping[1], kAddPortMapping[2],
    kAddPortMapping[3], kAddPortMapping[4], kAddPortMapping[5],
    kAddPortMapping[6], kAddPortMapping[7], {"NewReservedPort", Direction::Out, "ExternalPort"},
};
constexpr Argument kDeletePortMapping[] = {
    {"NewRemoteHost", Direction::In, "RemoteHost", ""},
    {"NewExternalPort", Direction::In, "ExternalPort"},
    {"NewProtocol", Direction::In, "PortMappingProtocol"},
};
constexpr Argument kDeletePortMappingRange[] = {
    {"NewStartPort", Direction::In, "ExternalPort"},
    {"NewEndPort", Direction::In, "ExternalPort"},
    {"NewProtocol", Direction::In, "PortMappingProtocol"},
    {"NewManage", Direction::In, "A_ARG_TYPE_Manage"},
};
constexpr Argument kGetListOfPortMappings[] = {
    {"NewStartPort", Direction::In, "ExternalPort"},
    {"NewEndPort", Direction::In, "ExternalPort"},
    {"NewProtocol", Direction::In, "PortMappingProtocol"},
    {"NewManage", Direction::In, "A_ARG_TYPE_Manage"},
    {"NewNumberOfPorts", Direction::In, "PortMappingNumberOfEntries"},
    {"NewPortListing", Direction::Out, "A_ARG_TYPE_PortListing"},
};
constexpr Argument kGetExternalIpAddress[] = {
    {"NewExternalIPAddress", Direction::Out, "ExternalIPAddress"},
};
constexpr Argument kGetPortMappingNumberOfEntries[] = {
    {"NewPortMappingNumberOfEntries", Direction::Out, "PortMappingNumberOfEntries"},
};
constexpr Argument kGetLinkLayerMaxBitRates[] = {
    {"NewUpstreamMaxBitRate", Direction::Out, "UpstreamMaxBitRate"},
    {"NewDownstreamMaxBitRate", Direction::Out, "DownstreamMaxBitRate"},
};

/// GetPortMappingNumberOfEntries is of no standard but TR-064: Home Assistant (async_upnp_client
/// 0.39) calls it where the SCPD has it, weupnp in any case.
constexpr auto kActions = std::to_array<Action>({
    {"SetConnectionType", kSetConnectionType},
    {"GetConnectionTypeInfo", kGetConnectionTypeInfo},
    {"RequestConnection"},
    {"ForceTermination"},
    {"GetStatusInfo", kGetStatusInfo},
    {"GetNATRSIPStatus", kGetNatRsipStatus},
    {"GetGenericPortMappingEntry", kGetGenericPortMappingEntry},
    {"GetSpecificPortMappingEntry", kGetSpecificPortMappingEntry},
    {"AddPortMapping", kAddPortMapping},
    {"DeletePortMapping", kDeletePortMapping},
    {"GetExternalIPAddress", kGetExternalIpAddress},
    {"GetPortMappingNumberOfEntries", kGetPortMappingNumberOfEntries},
});
constexpr auto kActions2 = joined(kActions, std::to_array<Action>({
                                                {"AddAnyPortMapping", kAddAnyPortMapping},
                                                {"DeletePortMappingRange", kDeletePortMappingRange},
                                                {"GetListOfPortMappings", kGetListOfPortMappings},
                                            }));
constexpr auto kActionsPpp = joined(
    kActions, std::to_array<Action>({{"GetLinkLayerMaxBitRates", kGetLinkLayerMaxBitRates}}));

}  // namespace

constexpr Service kWanIpConnection1{
    "urn:schemas-upnp-org:service:WANIPConnection:1",
    "urn:upnp-org:serviceId:WANIPConn1",
    "/WANIPCn1.xml",
    "/ctl/IPConn",
    "/evt/IPConn1",
    kActions,
    kVariables,
};
static_assert(isWellFormed(kWanIpConnection1));

constexpr Service kWanIpConnection2{
    "urn:schemas-upnp-org:service:WANIPConnection:2",
    "urn:upnp-org:serviceId:WANIPConn1",
    "/WANIPCn.xml",
    "/ctl/IPConn",
    "/evt/IPConn",
    kActions2,
    kVariables2,
};
static_assert(isWellFormed(kWanIpConnection2));

/// Its id is WANIPConnection's, by which Layer3Forwarding names the connection.
constexpr Service kWanPppConnection1{
    "urn:schemas-upnp-org:service:WANPPPConnection:1",
    kWanIpConnection1.id,
    "/WANPPPCn.xml",
    kWanIpConnection1.controlPath,
    kWanIpConnection1.eventPath,
    kActionsPpp,
    kVariablesPpp,
};
static_assert(isWellFormed(kWanPppConnection1));

}  // namespace igd
