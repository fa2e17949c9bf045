// SPDX-License-Identifier: GPL-2.0-or-later
// An IPv6 pinhole (WANIPv6FirewallControl:1; RFC 6887 section 11): packets from outside to one port
// of one host pass the router's firewall. Nothing is translated.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/port.h"
#include "upnpd/portmap/firewall_health.h"
#include "upnpd/portmap/mapping.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd {

/// What makes a pinhole one: asked for again, it is the same (IGD-6FC-07).
struct PinholeKey {
    std::optional<Ipv6Address> remoteHost;  ///< nullopt: any
    std::optional<Port> remotePort;         ///< nullopt: any
    Ipv6Address client;
    Port internalPort;
    Protocol protocol{};
    /// Of a mapping that PCP has made, which stands beside UPnP's pinholes: with it `remoteHost` is
    /// a prefix of that many bits.
    std::optional<std::uint8_t> mappedBits{};
    auto operator<=>(const PinholeKey&) const = default;
};

/// "tcp [2001:db8::5]:5000 from any"
[[nodiscard]] std::string toString(const PinholeKey& key);
/// "tcp [2001:db8::5]:5000", "esp [2001:db8::5]"
[[nodiscard]] std::string endpointText(Protocol protocol, const Ipv6Address& client, Port port);

using PinholeId = std::uint16_t;

struct Pinhole {
    PinholeId id{};
    PinholeKey key;
    TimePoint expiresAt;
    IpAddress requester;
    bool forAnother = false;  ///< none of those who asked for it was the client itself
};

/// What a MAP of PCP over IPv6 has made: the external endpoint is the client's own.
struct Ipv6Mapping {
    Protocol protocol{};
    Ipv6Address client;
    Port port;
    Nonce nonce{};
    std::vector<PeerFilter> filters;  ///< empty: any remote peer
    TimePoint expiresAt;
    Ipv6Address requester;  ///< the client, once it has asked itself
    bool operator==(const Ipv6Mapping&) const = default;
};

struct PinholeRequest {
    PinholeKey key;
    Seconds lease{0};
    IpAddress requester;
};

/// What the kernel has to do for one pinhole.
struct PinholeRule {
    PinholeKey key;
    Seconds timeout{0};  ///< the kernel may end the rule itself after that
};

/// A rule that is replaced stands in both lists with the same key.
struct PinholeDelta {
    std::vector<PinholeRule> remove;
    std::vector<PinholeRule> add;
};

/// The seam to the packet filter, as FirewallBackend is for mappings; the same promises.
class PinholeFirewall : public FirewallHealth {
public:
    /// All or nothing. Errors: Backend, with the reason in the log.
    virtual Result<void> apply(const PinholeDelta& delta) = 0;
    /// Lays what the rules need, and makes `rules` the only ones of ours. Errors: Backend.
    virtual Result<void> replaceAll(std::span<const PinholeRule> rules) = 0;
    /// Packets of the pinhole's flows so far, both ways. Errors: NotFound, Backend.
    virtual Result<std::uint64_t> packets(const PinholeRule& rule) = 0;
    /// Errors: Backend.
    virtual Result<void> removeAll() = 0;
};

}  // namespace igd
