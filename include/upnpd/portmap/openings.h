// SPDX-License-Identifier: GPL-2.0-or-later
// The one place where an opening is granted, renewed and ended, whoever asks: UPnP, NAT-PMP, PCP,
// the administrator, a restart, a configuration that was read again. Pure but for the seams that it
// is given; lives in the engine's loop thread.
#pragma once

#include "upnpd/portmap/gateway.h"
#include "upnpd/portmap/observer.h"
#include "upnpd/portmap/opening_lists.h"
#include "upnpd/portmap/policy.h"
#include "upnpd/portmap/ports_above.h"

#include <functional>
#include <memory>
#include <span>
#include <variant>
#include <vector>

namespace igd {

/// Returns whether a service of the router itself uses that port on its external side (IGD-Map-14).
using PortInUse = std::function<bool(const MappingKey&)>;
/// Returns `duration` of upnpd.conf at present: the lease of who asks for 0; nullopt: none is set.
using DefaultLease = std::function<std::optional<Seconds>()>;

/// Returns why the administrator has to say yes before that is opened; nullopt: it may be.
using Approval = std::function<std::optional<Refusal>(const Asked&)>;

struct OpeningsParts {
    FirewallBackend& firewall;
    OpeningObserver& observer;
    PortInUse portInUse;
    DefaultLease defaultLease;
    Approval approval{};
    PortsAbove* above = nullptr;  ///< nullptr: no gateway above is asked
};

/// The external addresses of IPv4; nullopt: there is none at present.
struct External {
    std::optional<Ipv4Address> own{};   ///< the interface's: what the kernel goes by
    std::optional<Ipv4Address> told{};  ///< what clients are told
    /// Returns what one client is told instead, where its packets leave by another external
    /// interface that is in use; nullopt: by this one. Empty: there is one.
    std::function<std::optional<Ipv4Address>(Ipv4Address client)> elsewhere{};

    /// Returns the address by which packets of `client` leave: another interface's, else `here`.
    [[nodiscard]] IpAddress addressFor(const IpAddress& client,
                                       std::optional<Ipv4Address> here) const;
};

/// Who takes part in a request, resolved before it is judged.
struct Parties {
    Host requester;
    Host client;  ///< for whom an opening is asked; the requester where the request names none
    Lan lan;
};

/// Everything that a client may ask to be changed.
using ChangeRequest =
    std::variant<MappingRequest, AnyMappingRequest, ReleaseRequest, RangeRequest, PinholeRequest,
                 PinholeUpdate, PinholeRelease, PortRequest, PortRelease, PeerRequest>;
struct Change {
    ChangeRequest request;
    Parties parties;
};

/// The administrator opens something (`upnpctl add`): a mapping, or a pinhole to a host of IPv6.
struct AdminRequest {
    Protocol protocol{};
    Port externalPort{};  ///< of a mapping
    IpEndpoint internal;
    std::optional<Seconds> lease{};  ///< nullopt: it has no end
    std::string description{};       ///< clean UTF-8, at most kMaxDescription octets
};

/// Another program has been asked whether it agrees to the change, which was not made. It is to be
/// asked for again a moment later.
struct NotYet {
    bool operator==(const NotYet&) const = default;
};
/// The answer to a change. A Port is AddAnyPortMapping's, a PortRefusal NAT-PMP's or PCP's.
using ChangeResult =
    std::variant<Done, Port, PinholeOpened, PortGrant, MappingError, PortRefusal, NotYet>;

/// Foretells the answer to a change.
struct Outlook {
    ChangeResult result;
    std::string reason{};  ///< why it would be refused; empty: it would not
};

/// Counts what a new policy did to the openings that stood.
struct PolicyChange {
    std::size_t mappings = 0;   ///< ended, for it does not permit them
    std::size_t pinholes = 0;   ///< ended, flows among them
    std::size_t shortened = 0;  ///< to the longest lease that it gives
};

/// Finds a client's host again after a restart, or for a policy that was read again.
using ResolveHost = std::function<Host(const Lan&, const IpAddress&)>;

class Openings {
public:
    Openings(Policy policy, OpeningsParts parts);
    ~Openings();

    /// Carries out what waits together, in its order and with one change of the kernel; returns a
    /// result for each. When the kernel refuses that change each is tried alone, so that none is
    /// harmed by another, and none waits for an answer that another needs. After an error ledger
    /// and kernel are as before. Refusals are in the log, with who asked and why not.
    std::vector<ChangeResult> apply(std::span<const Change> changes, TimePoint now);
    ChangeResult apply(const Change& change, TimePoint now);

    /// Returns what `change` would come to now, as far as policy, ledger and the rules of the host
    /// decide. Nothing is changed, and nothing is logged.
    [[nodiscard]] Outlook outlook(const Change& change, TimePoint now);

    /// Returns what is open, to read; as long as this lives.
    [[nodiscard]] OpeningLists lists() const;
    /// SystemUpdateID: one more with each mapping that is made, changed (its lease apart) or ended,
    /// and with each range that is.
    [[nodiscard]] std::uint32_t updateId() const;
    /// Returns the packets that a pinhole has let pass. Errors: NotFound, NotAuthorized, Backend.
    [[nodiscard]] Result<std::uint64_t> packets(PinholeId id, const Parties& parties,
                                                TimePoint now);

    /// Puts the leases of an earlier run, and the administrator's mappings, into ledger and kernel
    /// in one change, and clears the kernel of anything else of ours. What has ended, or is there
    /// twice, is left out. Who may have them is for changePolicy() to say, which has to follow.
    /// Errors: Backend.
    Result<void> restore(std::span<const Opening> openings, TimePoint now);
    /// Puts the rules of all openings into the kernel again, for somebody else took them out.
    /// Errors: Backend.
    Result<void> repair(TimePoint now);
    /// Makes the flows of PEER last: the kernel forgets silent ones earlier. To be called every
    /// kRefresh while there are any.
    void refreshFlows(TimePoint now);
    static constexpr Seconds kRefresh{10};

    /// So many openings end in one change: a router that ends 100,000 at once answers in between.
    static constexpr std::size_t kMostEndings = 1000;

    /// Ends the claims whose lease ran out at or before `now`, and what belongs to hosts that were
    /// never seen or have left; of more than kMostEndings the earliest, and nextExpiry() is not
    /// after `now` then. Errors: Backend, and then all stay: try again.
    Result<void> expire(TimePoint now);
    /// Returns the next such end; nullopt: none.
    [[nodiscard]] std::optional<TimePoint> nextExpiry() const;

    /// Puts `policy` into force; `statics` are the administrator's own mappings. Claims that it
    /// does not admit end, and no lease that ends lasts longer than one that is granted now; in one
    /// change. Errors: Backend, and then everything is as before.
    Result<PolicyChange> changePolicy(Policy policy, std::span<const Opening> statics,
                                      const Lans& lans, const ResolveHost& resolve, TimePoint now);
    /// Takes note of the external addresses; flows of PEER that began from another one are gone.
    void changeExternal(const External& external, TimePoint now);
    /// Ends pinholes whose client was in a prefix of the LANs and is in none any more (IGD-6FC-31,
    /// PCP-V6-10). Returns whether there were such. Errors: Backend.
    Result<bool> keepWithin(std::span<const Ipv6Prefix> prefixes, TimePoint now);

    /// `host` is a neighbour, with that hardware address: what leads to it is its own, and is
    /// judged by the lines that name it.
    void hostFound(const Lan& lan, const Host& host, TimePoint now);
    /// `host` does not answer: what leads to it ends after absent_host_timeout.
    void hostLost(const IpAddress& host, TimePoint now);

    /// For the administrator: opens what no client can change or end, over restarts, whatever
    /// lines and quotas say. In the place of what that host has there. Errors: NotAuthorized (the
    /// host is no host of the LAN, or the firewall stops packets), Conflict, PortInUse, Backend;
    /// nothing is changed then.
    [[nodiscard]] tl::expected<void, Refusal> add(const AdminRequest& request,
                                                  const Parties& parties, TimePoint now);
    /// Returns what add() would come to now, but for the kernel's word. Nothing is changed.
    [[nodiscard]] tl::expected<void, Refusal> outlook(const AdminRequest& request,
                                                      const Parties& parties, TimePoint now);
    /// For the administrator: ends the mapping that has that port, with its whole set. Errors:
    /// NotFound, Backend.
    Result<void> remove(const MappingKey& key, TimePoint now);
    /// The gateway above leads that port here no more: ends the mapping that has it, unless it is
    /// the administrator's. `why` is a sentence for the log. Errors: NotFound (there is none that
    /// ends), Backend.
    Result<void> lostAbove(const MappingKey& key, const std::string& why, TimePoint now);
    /// Ends the pinholes that lead there; `port` is 0 where there are none. Returns how many.
    /// Errors: NotFound, Backend.
    Result<std::size_t> removePinholes(Protocol protocol, const Ipv6Address& client, Port port,
                                       TimePoint now);
    /// Ends every opening that `host` has made. Returns how many. Errors: Backend.
    Result<std::size_t> removeAllOf(const Account& host, TimePoint now);
    /// Empties the ledger, for another router keeps all that was in it from now on. Nobody is told
    /// of an end, and the kernel is not asked: its rules are for the caller to take out.
    void forget();
    /// Ends every opening that a client has made. Errors: Backend.
    Result<void> clear(TimePoint now);

    [[nodiscard]] const Policy& policy() const;

    /// Writes the counts of log lines that were left out, when their time has come.
    void flushLog(TimePoint now);
    /// Returns when flushLog() is due; TimePoint::max(): no line was written since the last time.
    [[nodiscard]] TimePoint nextLogFlush() const;

private:
    class Impl;
    class Batch;
    std::unique_ptr<Impl> impl_;
};

}  // namespace igd
