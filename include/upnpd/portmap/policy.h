// SPDX-License-Identifier: GPL-2.0-or-later
// Who may map what: the administrator's permission lines, the own-address rule, ports, quotas,
// leases.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/net/ip_address.h"
#include "upnpd/net/mac_address.h"
#include "upnpd/portmap/lan.h"
#include "upnpd/portmap/mapping.h"
#include "upnpd/portmap/pinhole.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace igd {

/// `allow|deny EXTERNAL-PORTS CLIENT INTERNAL-PORTS [tcp|udp]`, as miniupnpd writes them; the first
/// match decides.
struct PermissionRule {
    bool allow = false;
    PortRange externalPorts;
    Ipv4Prefix client;              ///< of the internal client
    std::optional<MacAddress> mac;  ///< its hardware address; then `client` is any
    PortRange internalPorts;
    std::optional<Protocol> protocol;  ///< nullopt: both
    std::string origin;                ///< "upnpd.conf:41", for the log
};

/// Whatever `later` matches, `earlier` has matched before.
[[nodiscard]] bool covers(const PermissionRule& earlier, const PermissionRule& later);

/// The hardware address of a host on an internal network, if it is known.
using HardwareAddressOf =
    std::function<std::optional<MacAddress>(const InterfaceName&, const IpAddress&)>;

struct PolicyConfig {
    bool allowThirdParty = false;  ///< a client may map for another host of its LAN
    bool listAll = true;           ///< a client may read the mappings of others
    bool deleteAll = false;        ///< a client may end the mappings of others of its LAN
    std::vector<PermissionRule> permissions;
    /// Refused as in use: SSDP, NAT-PMP and PCP (IGD-Map-15).
    std::vector<Port> reservedPorts{Port{1900}, Port{5350}, Port{5351}};
    std::uint32_t mappingsPerClient = 64;
    std::uint32_t mappingsTotal = 1024;
    Seconds minLease{1};  ///< a shorter one is made that long
    Seconds maxLease{604800};
    /// The same for PCP (RFC 6887 section 15); NAT-PMP knows the second alone.
    Seconds pcpMinLease{120};
    Seconds pcpMaxLease{86400};
    /// Who may map for other hosts by PCP's THIRD_PARTY even without allowThirdParty; IPv4 as
    /// ::ffff:a.b.c.d.
    std::vector<Ipv6Prefix> pcpThirdParties;
};

/// What a new policy did to what stood.
struct PolicyChange {
    std::size_t ended = 0;      ///< it does not permit that
    std::size_t shortened = 0;  ///< to the longest lease that it gives
};

/// A refusal, and the sentence for the log that says what decided.
struct Refusal {
    MappingError error{};
    std::string reason;
};

class Policy {
public:
    /// `hardwareAddressOf` is asked where a line names one, and whose an address of IPv6 is.
    explicit Policy(PolicyConfig config, HardwareAddressOf hardwareAddressOf = {})
        : config_(std::move(config)), hardwareAddressOf_(std::move(hardwareAddressOf)) {}

    /// nullopt when `request`, which came from `lan`, may be granted as far as ports and addresses
    /// go. Errors: NotAuthorized, PortInUse. Behind the administrator's lines stands allow
    /// 1024-65535 0.0.0.0/0 1024-65535.
    [[nodiscard]] std::optional<Refusal> refuses(const MappingRequest& request,
                                                 const Lan& lan) const;

    /// nullopt when `request` may look at, or end, mappings of its range: a range that reaches
    /// below 1024 is only for those whom a line allows that port (IGD-DeleteRange-10,
    /// IGD-GetList-09). Errors: NotAuthorized.
    [[nodiscard]] std::optional<Refusal> refusesRange(const RangeRequest& request) const;

    /// `requester`, of `lan`, may be told of `mapping`.
    [[nodiscard]] bool mayRead(const Mapping& mapping, Ipv4Address requester) const;
    /// `requester`, of `lan`, may end `mapping`. What the administrator has written nobody may.
    [[nodiscard]] bool mayEnd(const Mapping& mapping, Ipv4Address requester, const Lan& lan) const;

    /// nullopt when `requester`, of `lan`, may have mappings made for `client` at all. Errors:
    /// NotAuthorized.
    [[nodiscard]] std::optional<Refusal> refusesClient(const IpAddress& client,
                                                       const IpAddress& requester,
                                                       const Lan& lan) const;
    /// The external ports that a mapping to `internal` may have, in order, none of them touching
    /// another.
    [[nodiscard]] std::vector<PortRange> permittedPorts(Protocol protocol, const Endpoint& internal,
                                                        const Lan& lan) const;
    [[nodiscard]] bool isReserved(Port port) const;
    /// `requester` may use PCP's THIRD_PARTY.
    [[nodiscard]] bool mayActForOthers(const IpAddress& requester) const;

    /// nullopt when what was made under another policy might be made under this one as well. A
    /// client that is on none of `lans` is let be as long as a network is missing. Quotas and
    /// leases do not count. Errors: NotAuthorized, PortInUse.
    [[nodiscard]] std::optional<Refusal> refuses(const Mapping& mapping, const Lans& lans) const;
    [[nodiscard]] std::optional<Refusal> refuses(const Pinhole& pinhole, const Lans& lans) const;
    [[nodiscard]] std::optional<Refusal> refuses(const Ipv6Mapping& mapping,
                                                 const Lans& lans) const;

    /// What becomes of a lease that is asked for.
    [[nodiscard]] Seconds leaseWithin(Seconds asked) const;
    /// The same for NAT-PMP, which never gives more than was asked for (RFC 6886 section 3.3), and
    /// for PCP.
    [[nodiscard]] Seconds controlLease(Seconds asked, Origin origin) const;

    /// The same for a pinhole: to a host of `lan`, never to the router, for oneself, from port 1024
    /// (IGD-6FC-17 to -21). Errors: NotAuthorized.
    [[nodiscard]] std::optional<Refusal> refuses(const PinholeRequest& request,
                                                 const Lan& lan) const;
    /// `host`, of `lan`, is the one with the address `client`: by that address, or by the hardware
    /// address that both have.
    [[nodiscard]] bool isSameHost(const IpAddress& host, const Ipv6Address& client,
                                  const Lan& lan) const;

    /// As the kernel knows it; nullopt when it does not.
    [[nodiscard]] std::optional<MacAddress> hardwareAddressOf(const IpAddress& host,
                                                              const Lan& lan) const;

    /// nullopt when one more mapping fits, with `ofClient` and `total` present already. Errors:
    /// QuotaExceeded, TableFull.
    [[nodiscard]] std::optional<Refusal> refusesAnother(std::size_t ofClient,
                                                        std::size_t total) const;

    [[nodiscard]] const PolicyConfig& config() const { return config_; }

private:
    /// All of the line but its external ports.
    [[nodiscard]] bool concerns(const PermissionRule& rule, Protocol protocol,
                                const Endpoint& internal, const Lan& lan) const;
    [[nodiscard]] bool knowsEnoughOf(const IpAddress& client, const Lan& lan) const;
    [[nodiscard]] std::optional<Refusal> refusesMaker(const IpAddress& maker,
                                                      const IpAddress& client, Origin origin) const;
    [[nodiscard]] std::optional<Refusal> refusesPorts(const MappingRequest& request,
                                                      const Lan& lan) const;

    PolicyConfig config_;
    HardwareAddressOf hardwareAddressOf_;
};

}  // namespace igd
