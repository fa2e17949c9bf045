// SPDX-License-Identifier: GPL-2.0-or-later
#include "transaction.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace igd {
namespace {

std::string leaseText(const Opening& opening, TimePoint now) {
    const auto left = opening.remaining(now);
    return left ? fmt::format("{} s", left->count()) : "no end";
}

/// The claim that `after` has and `before` has not, or has otherwise; the first when none differs.
const Claim& changedClaim(const Opening* before, const Opening& after) {
    for (const Claim& claim : after.claims) {
        const Claim* const old = before != nullptr ? before->claimOf(claim.origin) : nullptr;
        if (old == nullptr || *old != claim) return claim;
    }
    return after.claims.front();
}

std::string storedLine(const Opening* before, const Opening& after, TimePoint now) {
    const Claim& claim = changedClaim(before, after);
    const bool renewed = before != nullptr && isRenewal(*before, after);
    return fmt::format("portmap: {} {} for {} by {}, {}{} {}", renewed ? "renewed" : "granted",
                       describe(after), toString(claim.requester), logName(claim.origin),
                       leaseText(after, now), after.isEnabled() ? "" : ", not enabled",
                       igd::quoted(claim.description));
}

std::string endedLine(const Opening& before, const Opening* after, const End& end) {
    const Claim& claim = before.claims.front();
    return fmt::format("portmap: {} {} for {}: {} {}", after ? "one claim less on" : "ended",
                       describe(before), toString(claim.requester), end.text,
                       igd::quoted(claim.description));
}

log::Subject subjectOf(const Opening& opening, std::string_view action) {
    const bool mapped = opening.kind == OpeningKind::Mapping;
    return {toString(opening.internal.address),
            mapped ? opening.externalPort.value : opening.internal.port.value, action};
}

/// Notes when the claims of `opening` were made and asked for.
void note(Opening& opening, const Opening* before, TimePoint now) {
    for (Claim& claim : opening.claims) {
        const Claim* const old = before != nullptr ? before->claimOf(claim.origin) : nullptr;
        History& history = claim.history;
        if (old == nullptr) {
            if (history.madeAt == TimePoint{}) history.madeAt = history.renewedAt = now;
        } else if (*old == claim) {
            history = old->history;
        } else {
            history.madeAt = old->history.madeAt;
            history.renewedAt = now;
        }
    }
}

void add(std::vector<Rule>& rules, const std::optional<Opening>& opening, TimePoint now) {
    if (!opening) return;
    if (auto rule = ruleFor(*opening, now)) rules.push_back(std::move(*rule));
}

}  // namespace

std::vector<Rule> rulesOf(const Ledger& ledger, TimePoint now) {
    std::vector<Rule> rules;
    for (const Opening* const opening : ledger.all()) add(rules, *opening, now);
    return rules;
}

Transaction::~Transaction() {
    undo();
}

const Opening* Transaction::stage(Opening opening, std::optional<End> end) {
    const OpeningName name = opening.name();
    const Opening* const present = books_.ledger.find(name);
    note(opening, present, now_);
    Step step{present != nullptr ? std::optional{*present} : std::nullopt, std::nullopt,
              std::move(end)};
    const Opening* stored = nullptr;
    if (opening.claims.empty()) {
        books_.ledger.erase(name);
    } else {
        stored = &books_.ledger.put(std::move(opening));
        step.after = *stored;
    }
    if (step.before || step.after) steps_.push_back(std::move(step));
    return stored;
}

void Transaction::undo() {
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step)
        if (step->before)
            books_.ledger.put(*step->before);
        else
            books_.ledger.erase(step->name());
    steps_.clear();
}

/// Only the first and the last form of each opening reach the kernel.
RuleDelta Transaction::delta() const {
    std::map<OpeningName, std::pair<const Step*, const Step*>> ends;
    for (const Step& step : steps_) {
        const auto entry = ends.try_emplace(step.name(), &step, &step).first;
        entry->second.second = &step;
    }
    RuleDelta delta;
    for (const auto& [name, pair] : ends) {
        const bool left = leaveFlows_ && !pair.second->after && name.kind == OpeningKind::Peer;
        if (!left) add(delta.remove, pair.first->before, now_);
        add(delta.add, pair.second->after, now_);
    }
    return delta;
}

Result<void> Transaction::ask(const RuleDelta& change) {
    const auto agreed = books_.firewall.prepare(change);
    if (!agreed) return fail(agreed.error());
    // Both are asked at once, so that the time of one passes while the other is waited for.
    awaited_ = !isReadyAbove(change) || !*agreed;
    return awaited_ ? Result<void>{fail(MappingError::Backend)} : Result<void>{};
}

/// A rule that stands already was asked for when it was laid.
bool Transaction::isReadyAbove(const RuleDelta& change) const {
    if (books_.above == nullptr || !books_.above->isAsked()) return true;
    std::vector<MappingKey> keys;
    for (const Rule& rule : change.add) {
        if (rule.isIpv6() || rule.isFlow()) continue;
        for (unsigned distance = 0; distance < rule.portCount; ++distance)
            keys.push_back({rule.protocol, portBehind(rule.externalPort, distance)});
    }
    return books_.above->prepare(keys);
}

/// Somebody may have taken our rules away a moment ago: then all are laid again, the staged ones
/// too.
Result<void> Transaction::changeKernel() {
    const RuleDelta change = delta();
    if (change.empty()) return {};
    if (asksFirst_)
        if (const auto agreed = ask(change); !agreed) return agreed;
    const auto applied = books_.firewall.apply(change);
    if (applied || applied.error() != MappingError::Backend) return applied;
    const auto damage = books_.firewall.damage();
    if (!damage) return applied;
    log::change("firewall: {}: laid again for a request that needs it", *damage);
    return books_.firewall.replaceAll(rulesOf(books_.ledger, now_));
}

Result<void> Transaction::commit() {
    if (const auto changed = changeKernel(); !changed) {
        undo();
        return changed;
    }
    const std::uint32_t before = books_.systemUpdateId;
    const auto steps = std::exchange(steps_, {});
    for (const Step& step : steps) report(step);
    if (countAsOne_ && books_.systemUpdateId != before) books_.systemUpdateId = before + 1;
    return {};
}

void Transaction::report(const Step& step) {
    write(step);
    const auto& [before, after, end] = step;
    const OpeningKind kind = before ? before->kind : after->kind;
    const bool renewed = before && after && isRenewal(*before, *after);
    if (kind == OpeningKind::Mapping && !renewed) ++books_.systemUpdateId;
    if (after)
        books_.observer.openingStored(*after);
    else
        books_.observer.openingEnded(*before);
    books_.observer.happened(
        {before ? &*before : nullptr, after ? &*after : nullptr, end ? &*end : nullptr, renewed});
}

/// A line that nobody reads costs as much as the rest of a small change.
void Transaction::write(const Step& step) {
    const auto& [before, after, end] = step;
    const Opening* const left = after ? &*after : nullptr;
    const bool stored = left != nullptr && !end;
    const bool renewed = stored && before && isRenewal(*before, *after);
    const log::Level level = renewed ? log::Level::Debug : log::Level::Info;
    if (!log::enabled(level) || (!stored && !before)) return;
    const Opening& subject = after ? *after : *before;
    const std::string host = toString(before ? before->account : after->account);
    books_.log.write(level, host,
                     stored ? storedLine(before ? &*before : nullptr, *after, now_)
                            : endedLine(*before, left, *end),
                     now_,
                     subjectOf(subject, renewed  ? "renewed"
                                        : stored ? "granted"
                                                 : "ended"));
}

}  // namespace igd
