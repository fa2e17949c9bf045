// SPDX-License-Identifier: GPL-2.0-or-later
#include "state_values.h"

#include "model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace igd {
namespace {

constexpr std::string_view kLeaseVariable = "PortMappingLeaseDuration";

using Read = std::string (*)(const Source&);

struct Reader {
    std::string_view variable;
    Read read;
};

/// Returns a rate or a time; one beyond the type is its greatest value (IGD-CIF-03).
template <class T>
std::string saturated(std::uint64_t value) {
    return std::to_string(std::min<std::uint64_t>(value, std::numeric_limits<T>::max()));
}

/// Returns a counter, which begins at 0 again (IGD-CIF-05).
std::string wrapped(std::uint64_t counter) {
    return std::to_string(static_cast<std::uint32_t>(counter));
}

std::string connectionStatus(const Source& from) {
    return from.status.connected() ? "Connected" : "Disconnected";
}

std::string externalAddress(const Source& from) {
    return from.status.externalAddress ? toString(*from.status.externalAddress) : std::string{};
}

std::string uptime(const Source& from) {
    if (!from.status.connected()) return "0";
    return saturated<std::uint32_t>(
        static_cast<std::uint64_t>(from.status.connectedFor(from.now).count()));
}

std::string upstreamBitRate(const Source& from) {
    return saturated<std::uint32_t>(from.status.upstreamBitRate);
}

std::string downstreamBitRate(const Source& from) {
    return saturated<std::uint32_t>(from.status.downstreamBitRate);
}

/// Returns the lease of a mapping for which none is asked: version 2's default, or one without end.
/// No entry is meant, yet aMule asks for it before it maps anything.
std::string defaultLease(const Source& from) {
    const Service* const service = serviceById(from.identity.profile, kWanIpConnection1.id);
    const auto text = findVariable(*service, kLeaseVariable)->defaultValue;
    return std::string{text.empty() ? "0" : text};
}

// The connection is routed and translated by this very host. A gateway of another kind would have
// to look up what is fixed here.
constexpr Reader kReaders[] = {
    {"DefaultConnectionService",
     [](const Source& s) { return defaultConnectionService(s.identity); }},
    {"WANAccessType", [](const Source&) { return std::string{"Ethernet"}; }},
    {"Layer1UpstreamMaxBitRate", upstreamBitRate},
    {"Layer1DownstreamMaxBitRate", downstreamBitRate},
    {"UpstreamMaxBitRate", upstreamBitRate},
    {"DownstreamMaxBitRate", downstreamBitRate},
    {"PhysicalLinkStatus",
     [](const Source& s) { return std::string{s.status.linkUp ? "Up" : "Down"}; }},
    {"TotalBytesSent", [](const Source& s) { return wrapped(s.status.bytesSent); }},
    {"TotalBytesReceived", [](const Source& s) { return wrapped(s.status.bytesReceived); }},
    {"TotalPacketsSent", [](const Source& s) { return wrapped(s.status.packetsSent); }},
    {"TotalPacketsReceived", [](const Source& s) { return wrapped(s.status.packetsReceived); }},
    {"ConnectionType", [](const Source&) { return std::string{"IP_Routed"}; }},
    {"PossibleConnectionTypes", [](const Source&) { return std::string{"IP_Routed"}; }},
    {"ConnectionStatus", connectionStatus},
    {"Uptime", uptime},
    {"LastConnectionError", [](const Source&) { return std::string{"ERROR_NONE"}; }},
    {"RSIPAvailable", [](const Source&) { return std::string{"0"}; }},
    {"NATEnabled", [](const Source&) { return std::string{"1"}; }},
    {"ExternalIPAddress", externalAddress},
    {"PortMappingNumberOfEntries",
     [](const Source& s) { return saturated<std::uint16_t>(s.status.mappingCount); }},
    {kLeaseVariable, defaultLease},
    {"FirewallEnabled",
     [](const Source& s) { return std::string{s.status.firewallEnabled ? "1" : "0"}; }},
    {"InboundPinholeAllowed",
     [](const Source& s) { return std::string{s.status.inboundPinholeAllowed ? "1" : "0"}; }},
    {"SystemUpdateID", [](const Source& s) { return std::to_string(s.status.systemUpdateId); }},
};

}  // namespace

std::optional<std::string> stateValue(std::string_view variable, const Source& source) {
    const auto reader = std::ranges::find(kReaders, variable, &Reader::variable);
    if (reader == std::end(kReaders)) return std::nullopt;
    return reader->read(source);
}

bool isCounted(std::string_view variable) {
    return variable.starts_with("TotalBytes") || variable.starts_with("TotalPackets");
}

std::string defaultConnectionService(const DeviceIdentity& identity) {
    return fmt::format("{}:WANConnectionDevice:{},{}", udn(identity, DeviceRole::WanConnection),
                       static_cast<int>(identity.profile.version), kWanIpConnection1.id);
}

}  // namespace igd
