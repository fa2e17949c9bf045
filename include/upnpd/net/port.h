// SPDX-License-Identifier: GPL-2.0-or-later
// This file has transport ports, ranges of them, endpoints and protocols.
#pragma once

#include "upnpd/net/address.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace igd {

struct Port {
    std::uint16_t value{};
    auto operator<=>(const Port&) const = default;
};

/// Reads 1..65535 in decimal digits; 0 is not a port of a host. Returns nullopt for anything else.
[[nodiscard]] std::optional<Port> parsePort(std::string_view text);

struct PortRange {
    Port first;
    Port last;
    auto operator<=>(const PortRange&) const = default;
    [[nodiscard]] constexpr bool contains(Port port) const { return first <= port && port <= last; }
};

/// Reads "80" or "1024-65535", also "0-65535". Returns nullopt when the first is above the last.
[[nodiscard]] std::optional<PortRange> parsePortRange(std::string_view text);
[[nodiscard]] std::string toString(const PortRange& range);

/// The values are IANA's numbers. Addresses are translated for TCP and UDP alone; the others are
/// for pinholes of IPv6.
enum class Protocol : std::uint8_t { Tcp = 6, Udp = 17, Gre = 47, Esp = 50, Sctp = 132 };

/// Returns whether it is TCP or UDP.
[[nodiscard]] bool isTranslated(Protocol protocol);
/// Returns whether it has ports. A protocol without ports has port 0 wherever one is asked for (RFC
/// 6887 section 11.1).
[[nodiscard]] bool hasPorts(Protocol protocol);
/// Reads what parsePort() reads; for a protocol without ports "0" and nothing else.
[[nodiscard]] std::optional<Port> parsePortOf(Protocol protocol, std::string_view text);
/// Returns nullopt for a number of another protocol.
[[nodiscard]] std::optional<Protocol> protocolOf(std::uint8_t number);

/// Reads TCP or UDP in any letter case (IGD-Quirk-10).
[[nodiscard]] std::optional<Protocol> parseProtocol(std::string_view text);
/// Reads any protocol of ours, as lowerName() writes it.
[[nodiscard]] std::optional<Protocol> parseAnyProtocol(std::string_view text);
/// Returns "TCP" or "UDP", as PortMappingProtocol spells them.
[[nodiscard]] std::string_view upperName(Protocol protocol);
/// Returns "tcp" or "udp", as firewalls and log lines spell them.
[[nodiscard]] std::string_view lowerName(Protocol protocol);

struct Endpoint {
    Ipv4Address address;
    Port port;
    auto operator<=>(const Endpoint&) const = default;
};

/// Returns "192.168.1.10:3074".
[[nodiscard]] std::string toString(const Endpoint& endpoint);

}  // namespace igd
