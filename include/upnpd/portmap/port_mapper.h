// SPDX-License-Identifier: GPL-2.0-or-later
// The one place where a mapping is granted, renewed and dropped: plan, firewall, commit. Pure but
// for the interfaces it is given; lives in the engine's loop thread.
#pragma once

#include "upnpd/net/rate_limit.h"
#include "upnpd/portmap/firewall.h"
#include "upnpd/portmap/gateway.h"
#include "upnpd/portmap/policy.h"
#include "upnpd/portmap/port_control.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace igd {

class MappingTable;

/// Told after each change has reached kernel and table.
class MappingObserver {
public:
    virtual ~MappingObserver() = default;
    /// New, or overwritten by its client.
    virtual void mappingStored(const Mapping& mapping) = 0;
    virtual void mappingEnded(const Mapping& mapping) = 0;
};

/// True when the router itself uses that port on its external side (IGD-Map-14).
using PortInUse = std::function<bool(const MappingKey&)>;

/// `duration` of upnpd.conf: the end of a lease whose client asked for 0; nullopt is for ever.
using DefaultLease = std::function<std::optional<Seconds>()>;

struct PortMapperParts {
    FirewallBackend& firewall;
    MappingObserver& observer;
    PortInUse portInUse;
    DefaultLease defaultLease;
};

/// A request and the network that it came from.
struct AskedMapping {
    MappingRequest request;
    Lan lan;
};

/// The same of NAT-PMP and PCP; its client is of IPv4.
struct AskedPort {
    std::variant<PortRequest, PortRelease> request;
    Lan lan;
};

class PortMapper {
public:
    PortMapper(Policy policy, PortMapperParts parts);
    ~PortMapper();

    /// Creates, renews or overwrites (igd.md 4.1). Errors: NotAuthorized, Conflict, PortInUse,
    /// QuotaExceeded, Backend; after an error table and kernel are as before. Refusals are logged
    /// here, with who asked and why not.
    Result<void> request(const MappingRequest& request, const Lan& lan, TimePoint now);

    /// The same on another port when that one is not to be had: +1, -1, +2, -2 ... (IGD-AddAny-09).
    /// Returns the port. A port that the policy forbids to the requester is refused, not replaced
    /// (IGD-AddAny-06).
    Result<Port> requestAny(const MappingRequest& request, const Lan& lan, TimePoint now);

    /// What waits together, in its order and with one change of the kernel; a result for each. When
    /// the kernel refuses that change each is tried alone, so that none is harmed by another.
    std::vector<Result<void>> requestAll(std::span<const AskedMapping> asked, TimePoint now);

    /// Errors: NotFound, NotAuthorized, Backend.
    Result<void> release(const ReleaseRequest& request, const Lan& lan, TimePoint now);

    /// All of the range that the requester may end, in one change. Errors: NotFound, NotAuthorized,
    /// Backend.
    Result<void> releaseRange(const RangeRequest& request, const Lan& lan, TimePoint now);

    /// MAP of PCP and NAT-PMP's mapping request, for a client of IPv4 (RFC 6887 section 11.3, RFC
    /// 6886 section 3.3): a new mapping, or the one that the internal endpoint has already.
    /// `external` is the router's address. Errors: NotAuthorized, Conflict, QuotaExceeded,
    /// TableFull, NoExternalAddress, TooManyFilters, Backend.
    PortAnswer map(const PortRequest& request, const Lan& lan, std::optional<Ipv4Address> external,
                   TimePoint now);
    /// The end of one, or of all that the requester may end (RFC 6887 section 15, RFC 6886
    /// section 3.4). Errors: NotAuthorized, Backend.
    PortAnswer unmap(const PortRelease& request, const Lan& lan, TimePoint now);
    /// What waits together of both, as requestAll() does it.
    std::vector<PortAnswer> controlAll(std::span<const AskedPort> asked,
                                       std::optional<Ipv4Address> external, TimePoint now);
    /// The external port that leads to that endpoint.
    [[nodiscard]] std::optional<Port> externalPortOf(Protocol protocol,
                                                     const Endpoint& internal) const;
    [[nodiscard]] std::size_t countOf(Ipv4Address client) const;
    /// `client` may have that external port as far as others and the router itself are concerned.
    [[nodiscard]] bool isFree(const MappingKey& key, Ipv4Address client) const;

    /// For the administrator. Errors: NotFound, IndexOutOfRange.
    [[nodiscard]] Result<MappingView> find(const MappingKey& key, TimePoint now) const;
    [[nodiscard]] Result<MappingView> at(std::uint32_t index, TimePoint now) const;
    /// For a client. Errors: NotFound, IndexOutOfRange, NotAuthorized.
    [[nodiscard]] Result<MappingView> find(const MappingKey& key, Ipv4Address requester,
                                           TimePoint now) const;
    [[nodiscard]] Result<MappingView> at(std::uint32_t index, Ipv4Address requester,
                                         TimePoint now) const;
    /// Those of the range that the requester may read, by port, `limit` at most. Errors: NotFound,
    /// NotAuthorized.
    [[nodiscard]] Result<std::vector<MappingView>> list(const RangeRequest& request,
                                                        std::size_t limit, TimePoint now) const;
    [[nodiscard]] std::size_t size() const;
    /// SystemUpdateID: grows by one with each mapping that is made, changed (its lease apart) or
    /// ended, and with each range that is.
    [[nodiscard]] std::uint32_t updateId() const { return updateId_; }

    /// Puts the leases of an earlier run into table and kernel, in one change, and clears the
    /// kernel of anything else of ours. Entries that have ended, or that are there twice, are left
    /// out. Errors: Backend.
    Result<void> restore(std::span<const Mapping> mappings, TimePoint now);

    /// Puts the rules of all mappings into the kernel again, for somebody else took them out.
    /// Changes the table in nothing. A request that finds the rules damaged does that by itself.
    /// Errors: Backend.
    Result<void> repair(TimePoint now);

    /// Ends every mapping whose lease ran out at or before `now`. Errors: Backend, and then all
    /// stay: try again.
    Result<void> expire(TimePoint now);
    /// The next end of a lease; nullopt when none will end.
    [[nodiscard]] std::optional<TimePoint> nextExpiry() const;

    /// `policy` is in force from now on, and `statics` are the administrator's own mappings. What
    /// clients have made and it does not permit ends, and no lease of theirs that ends lasts longer
    /// than one that is granted now; in one change. Errors: Backend, and then everything is as
    /// before.
    Result<PolicyChange> changePolicy(Policy policy, std::span<const Mapping> statics,
                                      const Lans& lans, TimePoint now);

    /// Ends a mapping for the administrator, whoever it belongs to. Errors: NotFound, Backend.
    Result<void> remove(const MappingKey& key, TimePoint now);

    /// Ends every mapping that a client has made. Errors: Backend.
    Result<void> clear(TimePoint now);

    /// In the order in which they were made.
    [[nodiscard]] std::vector<Mapping> all() const;

private:
    /// A mapping that is made, changes or ends; `cause` is empty when it was asked for.
    struct Step {
        std::optional<Mapping> old;
        std::optional<Mapping> left;
        std::string cause{};
        [[nodiscard]] const MappingKey& key() const { return old ? old->key : left->key; }
    };
    [[nodiscard]] Mapping mappingFor(const MappingRequest& request, const Mapping* present,
                                     TimePoint now) const;
    Result<void> requestOne(const AskedMapping& asked, TimePoint now);
    PortAnswer controlOne(const AskedPort& asked, std::optional<Ipv4Address> external,
                          TimePoint now);
    template <class Answer, class Asked, class One>
    std::vector<Answer> together(std::span<const Asked> asked, One one, TimePoint now);
    [[nodiscard]] std::vector<Step> stepsTo(std::span<const Mapping> statics) const;
    bool commit(std::vector<Step> steps, TimePoint now);
    void undo(std::span<const Step> steps);
    void put(const Step& step);
    void report(const Step& step, TimePoint now);
    [[nodiscard]] std::optional<Refusal> refusal(const MappingRequest& request,
                                                 const Lan& lan) const;
    [[nodiscard]] std::optional<Refusal> refusalOf(const MappingRequest& request,
                                                   const Mapping& present) const;
    [[nodiscard]] std::optional<Port> nearestFree(const MappingKey& wanted, Ipv4Address client,
                                                  std::span<const PortRange> permitted) const;
    [[nodiscard]] tl::expected<Port, PortRefusal> choosePort(const PortRequest& request,
                                                             Ipv4Address client,
                                                             Ipv4Address external,
                                                             std::vector<PortRange> permitted,
                                                             TimePoint now);
    PortAnswer unmapAll(const PortRelease& request, TimePoint now);
    PortAnswer giveUp(std::span<const Mapping> mappings, const IpAddress& requester, TimePoint now);
    PortAnswer mapNew(const PortRequest& request, const Lan& lan, Ipv4Address external,
                      TimePoint now);
    PortAnswer mapAgain(const Mapping& present, const PortRequest& request, Ipv4Address external,
                        TimePoint now);
    PortAnswer store(const Mapping& mapping, const Mapping* old, Ipv4Address external,
                     TimePoint now);
    tl::unexpected<PortRefusal> refused(const PortRequest& request, const Refusal& refusal,
                                        Seconds lifetime, TimePoint now);
    [[nodiscard]] std::vector<Mapping> inRange(const RangeRequest& request) const;
    Result<void> drop(std::span<const Mapping> mappings, std::string_view cause, TimePoint now);
    Result<void> apply(const RuleDelta& delta, TimePoint now);

    Policy policy_;
    PortMapperParts parts_;
    std::unique_ptr<MappingTable> table_;
    std::uint32_t updateId_ = 0;
    std::vector<Step>* journal_ = nullptr;  ///< of requests that are carried out together later
    RateLimit refusalLines_;  ///< of the log: a client may ask in vain a thousand times a second
};

}  // namespace igd
