// SPDX-License-Identifier: GPL-2.0-or-later
// Who may open what: the administrator's permission lines, ports, quotas, leases. Pure: it is told
// who asks, and asks nobody.
#pragma once

#include "upnpd/net/port.h"
#include "upnpd/portmap/error.h"
#include "upnpd/portmap/host.h"
#include "upnpd/portmap/lan.h"
#include "upnpd/portmap/mapping.h"
#include "upnpd/portmap/open_nat.h"
#include "upnpd/portmap/opening.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace igd {

struct AnyClient {
    auto operator<=>(const AnyClient&) const = default;
};
/// The CLIENT of a permission line. An IPv4 form binds the IPv6 addresses of a host that has such
/// an IPv4 address, too.
using ClientPattern = std::variant<AnyClient, Ipv4Prefix, Ipv6Prefix, MacAddress>;

[[nodiscard]] bool matches(const ClientPattern& pattern, const Host& host);

/// `allow|deny EXTERNAL-PORTS CLIENT INTERNAL-PORTS [tcp|udp]`, as miniupnpd writes them; the first
/// match decides. Over IPv6, where nothing is translated, the external port is the internal one.
struct PermissionRule {
    bool allow = false;
    PortRange externalPorts;
    ClientPattern client;
    PortRange internalPorts;
    std::optional<Protocol> protocol;  ///< nullopt: any
    std::string origin;                ///< "upnpd.conf:41", for the log
};

/// Returns whether `earlier` has matched before whatever `later` matches.
[[nodiscard]] bool covers(const PermissionRule& earlier, const PermissionRule& later);

struct PolicyConfig {
    bool listAll = true;     ///< a client may read the mappings of others
    bool deleteAll = false;  ///< a client may end the mappings of others of its LAN
    /// Requesters that may ask for other hosts of their LAN (allow_third_party); addresses of IPv4
    /// as
    /// ::ffff:a.b.c.d. ::/0 is everybody.
    std::vector<Ipv6Prefix> thirdParties;
    std::vector<PermissionRule> permissions;
    /// The external ports there are (external_ports), in order, none touching another; empty: all.
    std::vector<PortRange> externalPorts;
    /// Refused as in use: SSDP, NAT-PMP and PCP (IGD-Map-15).
    std::vector<Port> reservedPorts{Port{1900}, Port{5350}, Port{5351}};
    std::vector<OpenNatHost> openNat;      ///< at most kMostOpenNatHosts
    bool pinholesAllowed = true;           ///< ipv6inbound_pinhole_allowed
    std::uint32_t mappingsPerClient = 64;  ///< openings of one account, of every kind together
    std::uint32_t mappingsTotal = 1024;    ///< openings of all
    std::uint16_t maxPortSet = 256;        ///< ports of one set; 1: there are no sets
    Seconds minLease{1};                   ///< a shorter one is made that long
    Seconds maxLease{604800};
    Seconds pcpMinLease{120};    ///< RFC 6887 section 15
    Seconds pcpMaxLease{86400};  ///< of NAT-PMP too
    /// Openings of a host that has left end after that time; nullopt: never.
    std::optional<Seconds> absentHostTimeout{Seconds{86400}};
};

/// Says what is asked, and by whom, as far as the policy goes.
struct Asked {
    OpeningKind kind{};
    Origin origin{};
    Protocol protocol{};
    Port externalPort{};  ///< 0: not known yet
    Port internalPort{};
    std::uint16_t portCount = 1;  ///< so many ports in a row, from these two on
    const Host& requester;
    const Host& client;
    const Lan& lan;

    [[nodiscard]] bool isAdministrators() const { return origin == Origin::Admin; }
};

class Policy {
public:
    explicit Policy(PolicyConfig config) : config_(std::move(config)) {}

    /// Returns why the requester may not ask for the client at all (IGD-Access-01, -07, -08,
    /// IGD-6FC-17 to -21): it is no host of the LAN, or another host than the requester. Errors:
    /// NotAuthorized, NoExternalAddress (an address of IPv6 that nobody outside reaches),
    /// NoInternalAddress.
    [[nodiscard]] std::optional<Refusal> refusesClient(const Asked& asked) const;

    /// Returns why the lines do not permit these ports to the client. Behind the administrator's
    /// lines stands, for both families, "allow 1024-65535 any 1024-65535", and then nothing. The
    /// administrator needs no line, but an external port that there is. Errors: NotAuthorized.
    [[nodiscard]] std::optional<Refusal> refusesPorts(const Asked& asked) const;

    /// Returns why nobody may have `ports` as external ports: not all of them are external_ports.
    /// Port 0, of a pinhole or not known yet, is none. Errors: NotAuthorized.
    [[nodiscard]] std::optional<Refusal> refusesExternal(const PortRange& ports) const;

    /// Returns where the line stands that decides about these ports ("upnpd.conf:41"); empty: none
    /// matches.
    [[nodiscard]] std::string decidingLine(const Asked& asked) const;

    /// Returns the external ports that there are and the lines permit, in order, none touching
    /// another.
    [[nodiscard]] std::vector<PortRange> permittedPorts(const Asked& asked) const;

    /// Returns why a host with `own` openings may not have `more`, with `total` present; a set
    /// counts as its ports. A quarter of the total is kept for hosts that have none. Errors:
    /// QuotaExceeded, TableFull.
    [[nodiscard]] std::optional<Refusal> refusesMore(std::size_t own, std::size_t total,
                                                     std::size_t more = 1) const;
    /// Returns how many more such a host may have.
    [[nodiscard]] std::size_t roomFor(std::size_t own, std::size_t total) const;

    /// Returns why a host that was never seen as a neighbour may not have `more` openings, with
    /// `unseen` of such hosts present: they have a quarter of the total together, so that forged
    /// sources leave the rest to hosts that are there. Errors: TableFull.
    [[nodiscard]] std::optional<Refusal> refusesUnseen(std::size_t unseen,
                                                       std::size_t more = 1) const;

    /// Returns why `requester` may not end the mappings of that range: a range that reaches below
    /// 1024 is only for those whom a line allows that port (IGD-DeleteRange-10). Errors:
    /// NotAuthorized.
    [[nodiscard]] std::optional<Refusal> refusesRange(const PortRange& ports,
                                                      const Host& requester) const;

    [[nodiscard]] bool isReserved(Port port) const;
    /// Returns whether `requester` may ask for other hosts.
    [[nodiscard]] bool mayActForOthers(const IpAddress& requester) const;
    /// Returns whether the lines may judge `host` otherwise once its hardware address is known.
    [[nodiscard]] bool needsHardwareAddress(const Host& host) const;

    /// Returns what becomes of a lease that UPnP's clients ask for.
    [[nodiscard]] Seconds leaseWithin(Seconds asked) const;
    /// Returns the same for NAT-PMP, which never gives more than was asked for (RFC 6886 section
    /// 3.3), and for PCP.
    [[nodiscard]] Seconds controlLease(Seconds asked, Origin origin) const;

    [[nodiscard]] const PolicyConfig& config() const { return config_; }

private:
    [[nodiscard]] const PermissionRule* lineFor(const Asked& asked) const;
    [[nodiscard]] bool isExternal(Port port) const;

    PolicyConfig config_;
};

/// Returns whether `opening` is `host`'s own: it leads to that address or to that hardware address.
/// Hosts without a known one share the account of their /64, and nothing else.
[[nodiscard]] bool isOf(const Opening& opening, const Host& host);

}  // namespace igd
