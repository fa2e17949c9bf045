// SPDX-License-Identifier: GPL-2.0-or-later
#include "batch.h"

#include "request_text.h"

#include <algorithm>
#include <iterator>

namespace igd {

Opening Openings::Impl::attribute(Opening opening, const Host& host) {
    const bool known = opening.hostSeen && opening.account == accountOf(host);
    opening.account = accountOf(host);
    opening.hostSeen = true;
    opening.hostDeadline.reset();
    const Opening& stored = books.ledger.put(std::move(opening));
    if (!known) books.observer.openingStored(stored);
    return stored;
}

Result<std::size_t> Openings::Impl::end(OpeningKind kind,
                                        const std::function<bool(const Opening&)>& isMeant,
                                        const End& why, TimePoint now) {
    Transaction transaction{books, now};
    std::vector<Opening> meant;
    for (const Opening* const opening : books.ledger.ofKind(kind))
        if (isMeant(*opening)) meant.push_back(*opening);
    for (Opening& opening : meant) {
        if (opening.pinholeId) pinholeIds.end(*opening.pinholeId, now);
        opening.claims.clear();
        transaction.stage(opening, why);
    }
    if (const auto committed = transaction.commit(); !committed) return fail(committed.error());
    return meant.size();
}

/// One overload for each kind of request.
class Openings::Batch::Judge {
public:
    Judge(const Bench& bench, Impl& impl, const Parties& parties)
        : parties_(parties),
          upnp_(bench, impl.defaultLease),
          pcp_(bench, impl.external),
          peer_(bench, impl.books.firewall, impl.external) {}

    Judgement operator()(const MappingRequest& request) const {
        return of(upnp_.add(request, parties_));
    }
    Judgement operator()(const AnyMappingRequest& request) const {
        return of(upnp_.addAny(request.mapping, parties_));
    }
    Judgement operator()(const PinholeRequest& request) const {
        return of(upnp_.add(request, parties_).map([](PinholeId id) { return PinholeOpened{id}; }));
    }
    Judgement operator()(const PinholeUpdate& request) const {
        return of(upnp_.update(request, parties_));
    }
    template <class Release>
    Judgement operator()(const Release& request) const {
        return of(upnp_.release(request, parties_));
    }
    Judgement operator()(const PortRequest& request) const {
        return of(pcp_.map(request, parties_));
    }
    Judgement operator()(const PortRelease& request) const {
        return of(pcp_.unmap(request, parties_));
    }
    Judgement operator()(const PeerRequest& request) const {
        return of(peer_.peer(request, parties_));
    }

private:
    static Judgement of(const Judged<void>& judged) {
        if (!judged) return {judged.error().error, judged.error()};
        return {Done{}};
    }
    template <class T>
    static Judgement of(const Judged<T>& judged) {
        if (!judged) return {judged.error().error, judged.error()};
        return {*judged};
    }
    static Judgement of(const PortJudged& judged) {
        if (judged) return {*judged};
        const auto& [refusal, lifetime, externalPort] = judged.error();
        return {PortRefusal{refusal.error, lifetime, externalPort}, refusal};
    }

    const Parties& parties_;
    UpnpRules upnp_;
    PcpRules pcp_;
    PeerRules peer_;
};

std::vector<ChangeResult> Openings::Batch::apply(std::span<const Change> changes) {
    const auto isPeer = [](const Change& change) {
        return std::holds_alternative<PeerRequest>(change.request);
    };
    std::vector<ChangeResult> results;
    while (!changes.empty()) {
        const auto peer = std::ranges::find_if(changes, isPeer);
        const auto count = static_cast<std::size_t>(peer - changes.begin());
        const auto batch = changes.first(std::max<std::size_t>(count, 1));
        const auto judgements = count == 0 ? std::vector{alone(batch.front())} : together(batch);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            write(batch[i], judgements[i]);
            remember(batch[i].parties.lan);
            results.push_back(judgements[i].result);
        }
        changes = changes.subspan(batch.size());
    }
    return results;
}

/// Each is judged as if those before it were done; then the kernel is asked once.
std::vector<Openings::Batch::Judgement> Openings::Batch::together(std::span<const Change> changes) {
    std::vector<Judgement> judgements;
    {
        Transaction transaction{impl_.books, now_};
        transaction.askFirst();
        const Bench bench{transaction, impl_.policy, impl_.admission, impl_.pinholeIds};
        for (const Change& change : changes)
            judgements.push_back(std::visit(Judge{bench, impl_, change.parties}, change.request));
        if (transaction.commit()) return judgements;
        if (changes.size() == 1 && transaction.isAwaited()) return {Judgement{NotYet{}}};
    }
    if (changes.size() > 1) {
        judgements.clear();
        for (const Change& change : changes) judgements.push_back(together({&change, 1}).front());
    } else if (!judgements.front().refusal) {
        const bool isPort = std::holds_alternative<PortGrant>(judgements.front().result);
        const ChangeResult failed = isPort ? ChangeResult{PortRefusal{MappingError::Backend}}
                                           : ChangeResult{MappingError::Backend};
        judgements.front() = {failed, Refusal{MappingError::Backend, "nothing was changed"}};
    }
    return judgements;
}

/// A transaction that ends without a commit leaves no trace; ids that it would give stay free.
Outlook Openings::Batch::outlook(const Change& change) {
    Transaction transaction{impl_.books, now_};
    PinholeIds ids = impl_.pinholeIds;
    const Bench bench{transaction, impl_.policy, impl_.admission, ids};
    const auto [result, refusal] = std::visit(Judge{bench, impl_, change.parties}, change.request);
    return {result, refusal ? refusal->reason : std::string{}};
}

/// PEER commits by itself, for it tries one port after another.
Openings::Batch::Judgement Openings::Batch::alone(const Change& change) {
    Transaction transaction{impl_.books, now_};
    const Bench bench{transaction, impl_.policy, impl_.admission, impl_.pinholeIds};
    return std::visit(Judge{bench, impl_, change.parties}, change.request);
}

void Openings::Batch::write(const Change& change, const Judgement& judgement) {
    if (!judgement.refusal || judgement.refusal->error == MappingError::NotFound) return;
    impl_.books.observer.refused(refusalEvent(change, *judgement.refusal));
    impl_.books.log.write(log::Level::Info, toString(accountOf(change.parties.requester)),
                          refusalLine(change, *judgement.refusal), now_, refusalSubject(change));
}

void Openings::Batch::remember(const Lan& lan) {
    for (const Ipv6Prefix& prefix : lan.addresses6)
        if (std::ranges::find(impl_.knownPrefixes, prefix) == impl_.knownPrefixes.end())
            impl_.knownPrefixes.push_back(prefix);
}

}  // namespace igd
