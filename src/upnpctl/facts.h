// SPDX-License-Identifier: GPL-2.0-or-later
// `upnpctl check` looks at these facts: the host's interfaces, its settings, its rules, its
// routing and neighbours, and the daemon's answers.
#pragma once

#include "daemon.h"

#include "upnpd/inspect/judge.h"
#include "upnpd/net/ip_address.h"
#include "upnpd/net/retries.h"
#include "upnpd/portmap/firewall.h"
#include "upnpd/system/interfaces.h"
#include "upnpd/system/route_questions.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace igd::ctl {

struct Facts {
    explicit Facts(InterfaceName externalInterface) : external(std::move(externalInterface)) {}

    InterfaceName external;  ///< none(): no default route leaves by one
    InterfaceName external6 = external;
    int index6 = 0;          ///< of that one where it is another; 0: there is none
    InterfaceState outside;  ///< the external interface; its first address is its route's source
    /// One of several external interfaces that the configuration names.
    struct Uplink {
        InterfaceName interface;
        std::uint32_t mark = 0;  ///< of answers by it; 0: one is in use at a time
        InterfaceState state{};
    };
    std::vector<Uplink> uplinks{};  ///< none where one is named
    std::uint32_t markBits = 0;
    std::optional<Ipv4Address> told;  ///< what clients are told; nullopt: not known
    std::string toldFrom;  ///< "configured", or a STUN server; empty: it is the interface's own
    /// The gateway above, where the daemon asks it.
    struct Above {
        std::string gateway;
        std::string by;                    ///< the protocol
        std::optional<Ipv4Address> told;   ///< its own external address
        std::string problem;               ///< why it gives no ports; empty: it does
        std::size_t ports = 0;             ///< mapped ports that it leads here
        std::vector<std::string> missing;  ///< "udp 3074: why", of mapped ports
    };
    std::optional<Above> above;
    /// The store of leases, where the daemon has one.
    struct Store {
        std::string place;
        std::string problem{};    ///< why it is away; empty: it answers
        std::size_t waiting = 0;  ///< changes that it lacks
        bool leads = true;        ///< the daemon writes there
        std::string leader{};     ///< who does otherwise
    };
    std::optional<Store> store;
    struct Internal {
        InterfaceName interface;
        InterfaceState state{};
        std::optional<Port> httpPort{};  ///< nullopt: no control point is answered there
        /// The daemon cannot open this there, and those have it (empty: not known).
        struct Problem {
            std::string reason;
            std::string holders;
        };
        std::vector<Problem> problems{};
        /// Sockets that should be open and are not: "nobody listens on TCP port 80 of ...".
        std::vector<std::string> unserved{};
        std::vector<SocketName> open6{};  ///< sockets of the daemon on addresses of IPv6
        bool isSilent = false;            ///< nobody answers at the HTTP port
        bool isBridge = false;

        /// Returns the router's addresses there by which it must be served: those of IPv4; where
        /// there are none those of IPv6, without link-local ones.
        [[nodiscard]] std::vector<IpAddress> served() const;
    };
    std::vector<Internal> internal;
    std::vector<PortRange> externalPorts;  ///< external_ports; empty: all
    bool upnp = true;
    bool portControl = true;                ///< NAT-PMP or PCP
    bool pcp = true;                        ///< it alone is of IPv6, too
    bool forwards = false;                  ///< net.ipv4.ip_forward
    bool forwards6 = false;                 ///< net.ipv6.conf.all.forwarding
    std::set<std::string> notForwarding{};  ///< interfaces that forward no IPv4
    bool filtersBridges = false;            ///< net.bridge.bridge-nf-call-iptables
    int reversePathFilter = 0;              ///< of the external interface: 1 strict, 2 loose
    bool routesByMark = false;              ///< routing asks for marks, which `route` does not know
    std::uint64_t tracked = 0;              ///< connections that are tracked now
    std::uint64_t trackedMost = 0;          ///< and at most; 0: not known
    bool clockIsBehind = false;  ///< the clock shows a time before this program was built
    bool daemonRuns = false;
    std::string role = "single";  ///< of a pair: "active" or "standby"
    std::vector<Json> mappings;
    std::vector<Json> pinholes;
    /// A chain of somebody else in which the daemon may not put its rule.
    struct Refusal {
        std::string chain;
        std::string why;
    };
    std::vector<Refusal> refusals;
    /// Clients, or the routers before them, that do not answer the kernel's question.
    std::set<IpAddress> silent;
    std::vector<IpAddress> outsideNeighbours;  ///< on the external interface: a gateway, mostly
    /// Asks the kernel's routing; empty: it cannot be asked.
    std::function<tl::expected<NextHop, int>(const PassingPacket&)> route;
    std::shared_ptr<const inspect::Ruleset> rules;  ///< nullptr: may not be read
    /// Returns the text of a rule as its own tool writes it; empty: there is none.
    std::function<std::string(const inspect::Place&)> textOf;
    std::vector<std::string> notes;  ///< what could not be read, and why

    /// Returns the address at which mappings are reached; nullopt: there is none.
    /// Returns the daemon's mapping that has that port; of a set of ports as this port alone.
    [[nodiscard]] std::optional<Json> mappingAt(const MappingKey& key) const;
    [[nodiscard]] std::optional<Ipv4Address> externalAddress() const {
        const auto primary = outside.primary();
        return primary ? std::optional{primary->address} : std::nullopt;
    }
    /// Returns the external interface of that family, and its index.
    [[nodiscard]] const InterfaceName& externalOf(bool ipv6) const {
        return ipv6 ? external6 : external;
    }
    [[nodiscard]] std::uint32_t indexOf(bool ipv6) const {
        return static_cast<std::uint32_t>(ipv6 && external6 != external ? index6 : outside.index);
    }
};

/// Looks at the host as it is, but for what takes time. The interfaces are those that the arguments
/// name.
[[nodiscard]] Facts lookAtHost(const Sides& sides);

/// Adds how several external interfaces are now.
void addUplinks(Facts& facts, const std::vector<UplinkSide>& uplinks, std::uint32_t markBits);

}  // namespace igd::ctl
