// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/openings.h"

#include "admin_rules.h"
#include "batch.h"

#include <algorithm>
#include <iterator>

namespace igd {
namespace {

const End kDeleted{EndCause::Administrator, "deleted by the administrator"};

bool isThere(const Ledger& ledger, const Opening& opening) {
    if (opening.kind != OpeningKind::Mapping) return ledger.find(opening.name()) != nullptr;
    return !ledger.mappingsIn(opening.protocol, opening.externalPorts(), 1).empty();
}

End absence(const Opening& opening) {
    return {EndCause::HostAbsent, opening.hostSeen ? "its host has left the network"
                                                   : "its host was never seen on the network"};
}

}  // namespace

Openings::Openings(Policy policy, OpeningsParts parts)
    : impl_(std::make_unique<Impl>(std::move(policy), std::move(parts))) {}

Openings::~Openings() = default;

ChangeResult Openings::apply(const Change& change, TimePoint now) {
    return apply({&change, 1}, now).front();
}

std::vector<ChangeResult> Openings::apply(std::span<const Change> changes, TimePoint now) {
    return Batch{*impl_, now}.apply(changes);
}

Outlook Openings::outlook(const Change& change, TimePoint now) {
    return Batch{*impl_, now}.outlook(change);
}

OpeningLists Openings::lists() const {
    return {impl_->books.ledger, impl_->policy};
}

Result<std::uint64_t> Openings::packets(PinholeId id, const Parties& parties, TimePoint now) {
    const auto found = pinholeOf(impl_->books.ledger, impl_->policy, id, parties);
    if (!found) return fail(found.error().error);
    const auto rule = ruleFor(**found, now);
    if (!rule) return fail(MappingError::NotFound);
    return impl_->books.firewall.packets(*rule);
}

std::uint32_t Openings::updateId() const {
    return impl_->books.systemUpdateId;
}

const Policy& Openings::policy() const {
    return impl_->policy;
}

void Openings::flushLog(TimePoint now) {
    impl_->books.log.flush(now);
}

TimePoint Openings::nextLogFlush() const {
    return impl_->books.log.nextFlush();
}

Result<void> Openings::restore(std::span<const Opening> openings, TimePoint now) {
    Ledger& ledger = impl_->books.ledger;
    for (const Opening& opening : openings) {
        Opening held = heldAt(opening, now);
        if (held.claims.empty() || isThere(ledger, held)) continue;
        if (held.pinholeId) impl_->pinholeIds.begin(*held.pinholeId);
        if (!held.hostSeen) held.hostDeadline = unseenDeadline(impl_->policy.config(), now);
        ledger.put(std::move(held));
    }
    return repair(now);
}

Result<void> Openings::repair(TimePoint now) {
    return impl_->books.firewall.replaceAll(rulesOf(impl_->books.ledger, now));
}

void Openings::refreshFlows(TimePoint now) {
    std::vector<Rule> flows;
    for (const Opening* const flow : impl_->books.ledger.ofKind(OpeningKind::Peer))
        if (auto rule = ruleFor(*flow, now)) flows.push_back(std::move(*rule));
    FirewallBackend& firewall = impl_->books.firewall;
    if (flows.empty() || firewall.apply({flows, flows})) return;
    // One that the kernel has forgotten may have lost its port to another meanwhile.
    const auto lost = std::ranges::count_if(flows, [&](const Rule& flow) {
        return !firewall.apply({{flow}, {flow}});
    });
    if (lost != 0) log::warning("portmap: {} flow(s) of PEER cannot be kept", lost);
}

Result<void> Openings::expire(TimePoint now) {
    Transaction transaction{impl_->books, now};
    transaction.leaveFlows();
    std::vector<Opening> ending;
    for (const Opening* const opening : impl_->books.ledger.endingBy(now, kMostEndings))
        ending.push_back(*opening);
    for (const Opening& opening : ending) {
        const bool byHost = opening.hostDeadline && *opening.hostDeadline <= now;
        Opening held = heldAt(opening, now);
        if (opening.pinholeId && !held.pinholeId) impl_->pinholeIds.end(*opening.pinholeId, now);
        transaction.stage(std::move(held),
                          byHost ? absence(opening) : End{EndCause::Expired, "lease ran out"});
    }
    return transaction.commit();
}

std::optional<TimePoint> Openings::nextExpiry() const {
    return impl_->books.ledger.nextEnd();
}

Result<PolicyChange> Openings::changePolicy(Policy policy, std::span<const Opening> statics,
                                            const Lans& lans, const ResolveHost& resolve,
                                            TimePoint now) {
    Transaction transaction{impl_->books, now};
    const Bench bench{transaction, policy, impl_->admission, impl_->pinholeIds};
    const Standing standing{bench, lans, resolve};
    stageStatics(transaction, statics);
    PolicyChange change;
    const Seconds longest =
        std::max(policy.config().maxLease, impl_->defaultLease().value_or(Seconds{0}));
    for (const Opening& opening : lists().all()) {
        standing.judge(opening);
        const Opening* const left = transaction.ledger().find(opening.name());
        if (left == nullptr)
            ++(opening.kind == OpeningKind::Mapping ? change.mappings : change.pinholes);
        else if (standing.shorten(*left, longest, policy.config().pcpMaxLease))
            ++change.shortened;
    }
    if (const auto committed = transaction.commit(); !committed) return fail(committed.error());
    impl_->policy = std::move(policy);
    return change;
}

IpAddress External::addressFor(const IpAddress& client, std::optional<Ipv4Address> here) const {
    const auto* const four = std::get_if<Ipv4Address>(&client);
    const auto other = four != nullptr && elsewhere ? elsewhere(*four) : std::nullopt;
    return other ? *other : here.value_or(Ipv4Address{});
}

void Openings::changeExternal(const External& external, TimePoint now) {
    const auto before = std::exchange(impl_->external, external);
    if (before.own == external.own) return;
    const auto isStale = [&](const Opening& flow) {
        return std::holds_alternative<Ipv4Address>(*flow.flowAddress);
    };
    const End end{EndCause::AddressGone, "the external address is another one"};
    if (!impl_->end(OpeningKind::Peer, isStale, end, now))
        log::error("portmap: flows of PEER from another external address stay");
}

Result<bool> Openings::keepWithin(std::span<const Ipv6Prefix> prefixes, TimePoint now) {
    const auto isWithin = [](std::span<const Ipv6Prefix> some, const Ipv6Address& client) {
        return std::ranges::any_of(
            some, [&](const Ipv6Prefix& prefix) { return prefix.contains(client); });
    };
    // An opening that an earlier run left waits for its prefix, which may come later than the
    // daemon.
    const auto isStranded = [&](const Opening& opening) {
        const auto* const client = std::get_if<Ipv6Address>(&opening.internal.address);
        return client != nullptr && !isWithin(prefixes, *client) &&
               isWithin(impl_->knownPrefixes, *client);
    };
    const End end{EndCause::AddressGone, "its prefix is gone"};
    const auto pinholes = impl_->end(OpeningKind::Pinhole, isStranded, end, now);
    const auto flows = impl_->end(OpeningKind::Peer, isStranded, end, now);
    if (!pinholes || !flows) return fail(MappingError::Backend);
    impl_->knownPrefixes.assign(prefixes.begin(), prefixes.end());
    return *pinholes + *flows != 0;
}

void Openings::hostFound(const Lan& lan, const Host& host, TimePoint now) {
    std::vector<Opening> own;
    for (const Opening* const opening : impl_->books.ledger.ofClient(host.address))
        own.push_back(*opening);
    if (own.empty()) return;
    Transaction transaction{impl_->books, now};
    const Bench bench{transaction, impl_->policy, impl_->admission, impl_->pinholeIds};
    const Lans lans{{lan}, false};
    const ResolveHost resolve = [&](const Lan&, const IpAddress& address) {
        return address == host.address ? host : Host{address};
    };
    const Standing standing{bench, lans, resolve};
    for (Opening& opening : own)
        if (standing.admitsTo(accountOf(host), opening))
            standing.judge(impl_->attribute(std::move(opening), host));
    if (!transaction.commit())
        log::error("portmap: what {} may not have stays open", toString(host.address));
}

void Openings::hostLost(const IpAddress& host, TimePoint now) {
    const auto timeout = impl_->policy.config().absentHostTimeout;
    if (!timeout) return;
    std::vector<Opening> own;
    for (const Opening* const opening : impl_->books.ledger.ofClient(host))
        if (!opening->hostDeadline && !opening->isAdministrators()) own.push_back(*opening);
    for (Opening& opening : own) {
        opening.hostDeadline = now + *timeout;
        impl_->books.ledger.put(std::move(opening));
    }
}

tl::expected<void, Refusal> Openings::add(const AdminRequest& request, const Parties& parties,
                                          TimePoint now) {
    Transaction transaction{impl_->books, now};
    const Bench bench{transaction, impl_->policy, impl_->admission, impl_->pinholeIds};
    if (auto judged = AdminRules{bench}.add(request, parties); !judged) return judged;
    if (const auto committed = transaction.commit(); !committed)
        return refused(committed.error(), "the firewall did not take the change");
    return {};
}

tl::expected<void, Refusal> Openings::outlook(const AdminRequest& request, const Parties& parties,
                                              TimePoint now) {
    Transaction transaction{impl_->books, now};  // undone at its end
    PinholeIds ids = impl_->pinholeIds;
    const Bench bench{transaction, impl_->policy, impl_->admission, ids};
    return AdminRules{bench}.add(request, parties);
}

Result<void> Openings::remove(const MappingKey& key, TimePoint now) {
    const Opening* const present = impl_->books.ledger.find(key);
    if (present == nullptr) return fail(MappingError::NotFound);
    Transaction transaction{impl_->books, now};
    Opening ended = *present;
    ended.claims.clear();
    transaction.stage(std::move(ended), kDeleted);
    return transaction.commit();
}

Result<void> Openings::lostAbove(const MappingKey& key, const std::string& why, TimePoint now) {
    const Opening* const present = impl_->books.ledger.find(key);
    if (present == nullptr || present->isAdministrators()) return fail(MappingError::NotFound);
    Transaction transaction{impl_->books, now};
    Opening ended = *present;
    ended.claims.clear();
    transaction.stage(std::move(ended), End{EndCause::GatewayAbove, why});
    return transaction.commit();
}

Result<std::size_t> Openings::removePinholes(Protocol protocol, const Ipv6Address& client,
                                             Port port, TimePoint now) {
    const auto leadsThere = [&](const Opening& pinhole) {
        return pinhole.protocol == protocol && pinhole.internal.address == IpAddress{client} &&
               pinhole.internalPorts().contains(port);
    };
    const auto ended = impl_->end(OpeningKind::Pinhole, leadsThere, kDeleted, now);
    if (ended && *ended == 0) return fail(MappingError::NotFound);
    return ended;
}

Result<std::size_t> Openings::removeAllOf(const Account& host, TimePoint now) {
    const auto isIts = [&](const Opening& opening) {
        return opening.account == host && !opening.isAdministrators();
    };
    std::size_t count = 0;
    for (const OpeningKind kind : {OpeningKind::Mapping, OpeningKind::Pinhole, OpeningKind::Peer}) {
        const auto ended = impl_->end(kind, isIts, kDeleted, now);
        if (!ended) return ended;
        count += *ended;
    }
    return count;
}

void Openings::forget() {
    Ledger& ledger = impl_->books.ledger;
    std::vector<OpeningName> names;
    for (const Opening* const each : ledger.all()) names.push_back(each->name());
    for (const OpeningName& name : names) ledger.erase(name);  // its ids go on
    ++impl_->books.systemUpdateId;
}

Result<void> Openings::clear(TimePoint now) {
    const auto isClients = [](const Opening& opening) { return !opening.isAdministrators(); };
    const End end{EndCause::Cleared, "all openings were cleared"};
    for (const OpeningKind kind : {OpeningKind::Mapping, OpeningKind::Pinhole, OpeningKind::Peer})
        if (const auto ended = impl_->end(kind, isClients, end, now); !ended)
            return fail(ended.error());
    return {};
}

}  // namespace igd
