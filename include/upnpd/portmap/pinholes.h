// SPDX-License-Identifier: GPL-2.0-or-later
// The one place where a pinhole is granted, renewed and dropped. Pure but for the interfaces it is
// given; lives in the engine's loop thread.
#pragma once

#include "upnpd/net/rate_limit.h"
#include "upnpd/portmap/pinhole.h"
#include "upnpd/portmap/policy.h"
#include "upnpd/portmap/port_control.h"

#include <map>
#include <tuple>

namespace igd {

/// Told after each change of what PCP has mapped has reached kernel and table.
class PinholeObserver {
public:
    virtual ~PinholeObserver() = default;
    virtual void mappingStored(const Ipv6Mapping& mapping) = 0;
    virtual void mappingEnded(const Ipv6Mapping& mapping) = 0;
    /// New, or with another end.
    virtual void pinholeStored(const Pinhole& pinhole) = 0;
    virtual void pinholeEnded(const Pinhole& pinhole) = 0;
};

class Pinholes {
public:
    /// `observer` may be nullptr.
    Pinholes(Policy policy, PinholeFirewall& firewall, PinholeObserver* observer = nullptr);

    /// Takes what an earlier run has mapped into the table; repair() puts it into the kernel.
    void restore(std::span<const Ipv6Mapping> mappings, std::span<const Pinhole> pinholes,
                 TimePoint now);

    /// A new one, or the one with the same key with a new lease. Errors: NotAuthorized,
    /// QuotaExceeded, Backend; after an error table and kernel are as before. Refusals are logged.
    Result<PinholeId> request(const PinholeRequest& request, const Lan& lan, TimePoint now);

    /// Ends at `now` and `lease`. Errors: NotFound, NotAuthorized (another host's), Backend.
    Result<void> update(PinholeId id, Seconds lease, const IpAddress& requester, const Lan& lan,
                        TimePoint now);
    /// Errors: NotFound, NotAuthorized, Backend.
    Result<void> release(PinholeId id, const IpAddress& requester, const Lan& lan, TimePoint now);
    /// How many packets it has let pass. Errors: NotFound, NotAuthorized, Backend.
    Result<std::uint64_t> packets(PinholeId id, const IpAddress& requester, const Lan& lan,
                                  TimePoint now);

    /// MAP of PCP for a client of IPv6 (RFC 6887 section 11.3): its own endpoint is the external
    /// one. Errors: NotAuthorized, Conflict, QuotaExceeded, TableFull, NoExternalAddress (a local
    /// address), TooManyFilters, Backend.
    PortAnswer map(const PortRequest& request, const Lan& lan, TimePoint now);
    /// The end of one, or of all with that nonce. Errors: NotAuthorized, Backend.
    PortAnswer unmap(const PortRelease& request, const Lan& lan, TimePoint now);

    /// Lays all rules anew. Errors: Backend.
    Result<void> repair(TimePoint now);

    /// Ends those whose lease ran out. Errors: Backend, and then all stay.
    Result<void> expire(TimePoint now);
    [[nodiscard]] std::optional<TimePoint> nextExpiry() const;

    /// Ends those whose client was in a prefix of the LAN and is in none of `prefixes` any more
    /// (IGD-6FC-31, PCP-V6-10); true: there were such. Errors: Backend.
    Result<bool> keepWithin(std::span<const Ipv6Prefix> prefixes, TimePoint now);
    /// `policy` is in force from now on. What it does not permit ends, and what PCP has mapped
    /// lasts no longer than it would now. Errors: Backend, and then something stays that it does
    /// not permit.
    Result<PolicyChange> changePolicy(Policy policy, const Lans& lans, TimePoint now);
    /// The administrator ends those that lead there, of UPnP and PCP alike; `port` is 0 where there
    /// are none. Returns how many. Errors: NotFound, Backend.
    Result<std::size_t> remove(Protocol protocol, const Ipv6Address& client, Port port,
                               TimePoint now);
    /// Ends all. Errors: Backend.
    Result<void> clear(TimePoint now);

    [[nodiscard]] std::vector<Pinhole> all() const;
    [[nodiscard]] std::vector<Ipv6Mapping> mapped() const;
    [[nodiscard]] std::size_t size() const { return pinholes_.size() + mapped_.size(); }

private:
    void remember(const Lan& lan);
    [[nodiscard]] Result<Pinhole*> findFor(PinholeId id, const IpAddress& requester,
                                           const Lan& lan);
    [[nodiscard]] std::optional<PinholeId> freeId(TimePoint now);
    [[nodiscard]] std::size_t countOf(const Ipv6Address& client, const Lan& lan);
    [[nodiscard]] std::optional<MacAddress> ownerOf(const Ipv6Address& client, const Lan& lan);
    Result<void> store(const Pinhole& pinhole, TimePoint now);
    [[nodiscard]] std::optional<PortRefusal> refusesMap(const PortRequest& request, const Lan& lan,
                                                        const Ipv6Mapping* present, TimePoint now);
    Result<std::size_t> shortenMapped(TimePoint now);
    Result<void> dropMapped(std::span<const Ipv6Mapping> mappings, std::string_view cause,
                            TimePoint now);
    Result<void> drop(std::span<const Pinhole> pinholes, std::string_view cause, TimePoint now);
    Result<void> apply(const PinholeDelta& delta, TimePoint now);

    Policy policy_;
    PinholeFirewall& firewall_;
    PinholeObserver* observer_;
    std::map<Ipv6Address, MacAddress> owners_;  ///< of the clients of pinholes, as far as known
    std::vector<Ipv6Prefix> known_;  ///< prefixes that the LAN has, or had at the last look
    std::map<PinholeId, Pinhole> pinholes_;
    using MappedKey = std::tuple<Ipv6Address, Port, Protocol>;
    std::map<MappedKey, Ipv6Mapping> mapped_;
    std::map<PinholeId, TimePoint> ended_;  ///< not given again for a while (IGD-6FC-25)
    PinholeId lastId_ = 0;
    RateLimit refusalLines_;
};

}  // namespace igd
