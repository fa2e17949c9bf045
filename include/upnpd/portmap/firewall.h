// SPDX-License-Identifier: GPL-2.0-or-later
// The seam between the core and the kernel's packet filter. Two implementations ship (nftables,
// iptables); tests use a fake.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_endpoint.h"
#include "upnpd/portmap/error.h"
#include "upnpd/portmap/firewall_health.h"
#include "upnpd/portmap/open_nat.h"
#include "upnpd/portmap/opening_row.h"
#include "upnpd/portmap/peer_filter.h"
#include "upnpd/util/time.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// Returns the port that is `distance` behind `port`; both are ports of one set.
[[nodiscard]] constexpr Port portBehind(Port port, unsigned distance) {
    return Port{static_cast<std::uint16_t>(port.value + distance)};
}
/// Returns `count` ports in a row; 1 at the least.
[[nodiscard]] constexpr PortRange portsFrom(Port first, std::uint16_t count) {
    return {first, portBehind(first, count - 1U)};
}

/// A rule says what the kernel has to do for one opening. IPv4: translate `externalPort` to
/// `internal` and let the flow through. IPv6: let packets to `internal` through. With
/// `flowAddress`: keep the flow that the client begins.
struct Rule {
    Protocol protocol{};
    Port externalPort{};  ///< 0: none, nothing is translated
    IpEndpoint internal;
    std::uint16_t portCount = 1;         ///< so many ports in a row, from these two on
    std::optional<PeerFilter> remote{};  ///< one remote host, or port of one; nullopt: any
    std::vector<PeerFilter> filters{};   ///< several; only without `remote`. Empty: any
    std::optional<Seconds> timeout{};  ///< the kernel may end it itself after that; nullopt: no end
    std::string comment{};             ///< the client's description, clean UTF-8
    std::optional<IpAddress> flowAddress{};  ///< a flow of PEER: its external address
    bool operator==(const Rule&) const = default;

    [[nodiscard]] bool isFlow() const { return flowAddress.has_value(); }
    [[nodiscard]] bool isSet() const { return portCount > 1; }
    [[nodiscard]] PortRange externalPorts() const { return portsFrom(externalPort, portCount); }
    [[nodiscard]] PortRange internalPorts() const { return portsFrom(internal.port, portCount); }
    /// The external ports have other numbers than the internal ones.
    [[nodiscard]] bool movesPorts() const { return externalPort != internal.port; }
    [[nodiscard]] bool isIpv6() const {
        return std::holds_alternative<Ipv6Address>(internal.address);
    }
};

/// Returns a rule for each port of `rule`, in their order.
[[nodiscard]] std::vector<Rule> portByPort(const Rule& rule);

/// Returns whether `a` and `b` are one rule but for the timeout.
[[nodiscard]] bool differInTimeoutOnly(const Rule& a, const Rule& b);

/// A change of some rules. A rule that is replaced, or gets another timeout, stands in both lists.
struct RuleDelta {
    std::vector<Rule> remove;
    std::vector<Rule> add;
    [[nodiscard]] bool empty() const { return remove.empty() && add.empty(); }
};

/// A flow as its first packet has it, before the router translates it.
struct FlowKey {
    Protocol protocol{};
    IpEndpoint client;
    IpEndpoint remote;
    auto operator<=>(const FlowKey&) const = default;
};

/// Says what the kernel makes of a flow.
struct OutgoingFlow {
    IpEndpoint external;
    Seconds timeout{0};  ///< without a packet it is forgotten then
};

/// One of several external interfaces that are in use at once.
struct UplinkSide {
    InterfaceName interface;
    std::vector<Ipv4Address> addresses{};  ///< where mapped ports are found; none: nowhere now
    std::uint32_t mark = 0;  ///< of answers that are to leave by it again, among mark_bits
    bool operator==(const UplinkSide&) const = default;
};

/// The interfaces of both sides; an external one may be none().
struct Sides {
    InterfaceName external;
    InterfaceName external6 = external;  ///< for pinholes
    std::vector<InterfaceName> internal;
    /// All that are in use, the external one among them; none: that one alone.
    std::vector<UplinkSide> uplinks{};
    bool operator==(const Sides&) const = default;
};

/// Flows of rules that are taken out end, or stay: where another router has the rules, it would be
/// told of their ends as well.
enum class FlowsThen : std::uint8_t { End, Stay };

class FirewallBackend : public FirewallHealth {
public:
    /// Asks whoever else has to agree to `delta`, and does not wait. Returns whether apply() would
    /// do: false: another program was asked, and this is to be called again a moment later. Errors:
    /// Backend: it has refused, or cannot be asked, and the reason is in the log.
    [[nodiscard]] virtual Result<bool> prepare(const RuleDelta& /*delta*/) { return true; }

    /// Carries out `delta`, all or nothing, and no packet finds a moment between the old rule and
    /// the new one. A flow that is added is made, or kept for its timeout at the least; one that is
    /// removed is ended. Errors: Conflict (another flow has that external port), Backend. After an
    /// error the kernel is as it was, and the reason is in the log.
    virtual Result<void> apply(const RuleDelta& delta) = 0;

    /// Returns whether another program works on the host's rules just now, so that apply() would
    /// fail: the change may be made a moment later.
    [[nodiscard]] virtual bool isBusy() const = 0;

    /// Lays whatever the rules need (tables, chains, jumps) and makes `rules` the only ones of
    /// ours; what a killed daemon left is gone afterwards. Flows among them are kept or made, as
    /// far as that can be done. Errors: Backend.
    virtual Result<void> replaceAll(std::span<const Rule> rules) = 0;

    /// Returns the flow that is there for `key`; nullopt: none.
    [[nodiscard]] virtual std::optional<OutgoingFlow> findFlow(const FlowKey& key) = 0;

    /// Returns the packets of the rule's flows so far, both ways; for rules of IPv6. Errors:
    /// NotFound, Backend.
    virtual Result<std::uint64_t> packets(const Rule& rule) = 0;

    /// Returns for each of `rules` what has gone through it since it was laid, both ways, in their
    /// order; nullopt: that is not counted here. The kernel is asked about each.
    /// Errors: Backend.
    [[nodiscard]] virtual Result<std::vector<std::optional<Traffic>>> traffic(
        std::span<const Rule> rules) {
        return std::vector<std::optional<Traffic>>(rules.size());
    }

    /// Returns the administrator's own rule that leads packets to that external port elsewhere, as
    /// text for the log; nullopt: none. Costs no look at the kernel.
    [[nodiscard]] virtual std::optional<std::string> foreignForward(Protocol protocol,
                                                                    Port port) = 0;

    /// Returns the administrator's rule that stops the first packet of a flow from the Internet to
    /// `internal` in spite of all that we open, as text for the log; nullopt: the packet passes.
    /// `external` is the external port; for IPv6 it counts for nothing. Costs no look at the
    /// kernel.
    [[nodiscard]] virtual std::optional<std::string> stops(Protocol protocol, Port external,
                                                           const IpEndpoint& internal) = 0;

    /// Takes note of the external interface's addresses: LAN hosts reach mapped ports there
    /// (hairpin). Before the first replaceAll() nothing is laid. Errors: Backend.
    virtual Result<void> externalAddressChanged(std::span<const Ipv4Address> addresses) = 0;

    /// Makes the rules serve these interfaces from the next replaceAll() on.
    virtual void sidesChanged(Sides sides) = 0;

    /// Makes the NAT of these hosts open, and of no others, from the next replaceAll() on. Only
    /// nftables can do that: see servesOpenNat().
    virtual void openNatChanged(std::vector<OpenNat> openNat) = 0;
    [[nodiscard]] virtual bool servesOpenNat() const = 0;

    /// Takes everything of ours out of the kernel, and nothing else. Errors: Backend.
    virtual Result<void> removeAll(FlowsThen flows) = 0;

    /// Returns "nftables" or "iptables".
    [[nodiscard]] virtual std::string_view name() const = 0;
};

}  // namespace igd
