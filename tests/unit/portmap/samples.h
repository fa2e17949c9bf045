// SPDX-License-Identifier: GPL-2.0-or-later
// Mappings and requests that a test changes where it matters to it.
#pragma once

#include "upnpd/portmap/policy.h"

namespace igd {

inline Ipv4Address address(const char* text) {
    return *parseIpv4Address(text);
}

inline const TimePoint t0 = TimePoint{} + std::chrono::hours{1};
inline const Ipv4Address kAlice = address("192.168.1.10");
inline const Ipv4Address kBob = address("192.168.1.20");
inline const Lan kLan{*InterfaceName::parse("lan0"), {*parseIpv4Prefix("192.168.1.1/24")}};

inline MappingKey udp(std::uint16_t port) {
    return {Protocol::Udp, Port{port}};
}
inline MappingKey tcp(std::uint16_t port) {
    return {Protocol::Tcp, Port{port}};
}

inline MappingRequest requestOf(Ipv4Address client, MappingKey key, Seconds lease = Seconds{3600}) {
    return {key,    std::nullopt, {client, key.externalPort}, true, "game", lease,
            client, Origin::Igd};
}

inline Mapping mappingOf(Ipv4Address client, MappingKey key,
                         std::optional<TimePoint> end = std::nullopt) {
    return {key, std::nullopt, {client, key.externalPort}, true, "game", end, client, Origin::Igd};
}

}  // namespace igd
