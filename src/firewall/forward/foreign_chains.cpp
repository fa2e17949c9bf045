// SPDX-License-Identifier: GPL-2.0-or-later
#include "forward/foreign_chains.h"

#include "nft/nft_batch.h"
#include "nft/nft_rule_message.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace igd::firewall {
namespace {

/// Somebody has taken the chain, or the rule at our place in it, away meanwhile: the next look,
/// which the kernel's event causes, finds what is there then.
constexpr const char* kGone = "it is gone";

using inspect::Chain;
using inspect::ChainId;
using inspect::Kind;
using inspect::Opening;
using inspect::Plan;
using inspect::Ruleset;
using inspect::Standing;

/// Returns the handle of the rule of somebody else before which that many others stand.
std::optional<std::uint64_t> handleAt(const Chain& chain, std::uint32_t position) {
    for (const inspect::Rule& rule : chain.rules)
        if (rule.opening < 0 && position-- == 0) return rule.handle;
    return std::nullopt;
}

/// Returns what stands right below the opening, for the log.
std::string placeOf(const Ruleset& rules, const Opening& opening) {
    const Chain& chain = rules.chains[opening.chain];
    std::uint32_t left = opening.position;
    for (std::uint32_t index = 0; index < chain.rules.size(); ++index)
        if (chain.rules[index].opening < 0 && left-- == 0)
            return "before " + rules.describe({opening.chain, index});
    return "at its end";
}

}  // namespace

ForeignChains::ForeignChains(const FirewallConfig& config, const Family& family, NftSocket& nft,
                             LegacyOpenings& legacy)
    : config_(config), family_(family), nft_(nft), legacy_(legacy) {}

ForeignChains::Works ForeignChains::worksOf(const Ruleset& rules, const Plan& plan) const {
    Works works;
    for (const Standing& one : inspect::standingOpenings(rules, family_.tag))
        works[one.chain].standing.push_back(one);
    for (const Opening& one : plan.openings) works[one.chain].wanted.push_back(one);
    for (auto& [id, work] : works) std::ranges::stable_sort(work.wanted, {}, &Opening::position);
    return works;
}

bool ForeignChains::isRight(const Chain& chain, const Work& work) const {
    // An earlier run may have known its packets by something else.
    const std::uint32_t bits = chain.kind == Kind::Legacy ? legacy_.markBits() : config_.markBits;
    return std::ranges::equal(
        work.standing, work.wanted, [&](const Standing& standing, const Opening& wanted) {
            return standing.position == wanted.position && standing.markBits == bits &&
                   standing.comment == wanted.comment(family_.tag);
        });
}

std::string ForeignChains::textOf(const Work& work) const {
    std::string text;
    for (const Opening& one : work.wanted)
        text += fmt::format("{} {}\n", one.position, one.comment(family_.tag));
    return text;
}

bool ForeignChains::hasRefused(const Chain& chain, const Work& work) const {
    const auto refusal = refusals_.find(nameOf(chain));
    return refusal != refusals_.end() && refusal->second.wanted == textOf(work);
}

std::optional<std::string> ForeignChains::wrongChain(const Ruleset& rules, const Plan& plan) const {
    for (const auto& [id, work] : worksOf(rules, plan))
        if (!isRight(rules.chains[id], work) && !hasRefused(rules.chains[id], work))
            return nameOf(rules.chains[id]);
    return std::nullopt;
}

void ForeignChains::settle(const Ruleset& rules, const Plan& plan) {
    for (const auto& [id, work] : worksOf(rules, plan))
        if (!isRight(rules.chains[id], work))
            note(rules, id, work, carryOut(rules.chains[id], work));
}

bool ForeignChains::clear(const Ruleset& rules) {
    bool done = true;
    for (const auto& [id, work] : worksOf(rules, {})) {
        const auto why = carryOut(rules.chains[id], work);
        done = done && (!why || *why == kGone);
        note(rules, id, work, why);
    }
    return done;
}

std::optional<std::string> ForeignChains::carryOut(const Chain& chain, const Work& work) {
    if (chain.kind != Kind::Legacy) return rewriteNft(chain, work);
    return legacy_.rewrite(chain.table, chain.name, work.wanted);
}

std::optional<std::string> ForeignChains::rewriteNft(const Chain& chain, const Work& work) {
    NftBatch batch;
    for (const Standing& one : work.standing) batch.put(removeRuleMessage(chain, one.handle));
    for (const Opening& one : work.wanted)
        batch.put(addRuleMessage(chain,
                                 {.opening = one,
                                  .comment = one.comment(family_.tag),
                                  .markBits = config_.markBits,
                                  .translated = family_.translates,
                                  .ipv6 = !family_.translates},
                                 handleAt(chain, one.position)));
    const auto refusal = nft_.commit(batch);
    if (refusal && refusal->error == ENOENT) return kGone;
    return refusal ? std::optional{sentenceOf(*refusal)} : std::nullopt;
}

/// Says once what has become of a chain.
void ForeignChains::note(const Ruleset& rules, ChainId id, const Work& work,
                         const std::optional<std::string>& why) {
    const Chain& chain = rules.chains[id];
    const std::string name = nameOf(chain);
    if (why && *why != kGone) {
        Refusal& refusal = refusals_[name];
        const Refusal now{textOf(work), *why};
        if (std::exchange(refusal, now).why != *why)
            log::error("firewall: {} stays closed for {}: it refuses our rule: {}", name,
                       family_.openings, igd::quoted(*why, 200));
        return;
    }
    refusals_.erase(name);
    if (why) return;
    std::string places;
    for (const Opening& one : work.wanted)
        places += (places.empty() ? "" : ", and ") + placeOf(rules, one);
    // After each flush of somebody's it is opened again: the repair is what there is to say then.
    if (places.empty() || std::exchange(opened_[name], places) == places) return;
    log::change("firewall: {} stops {}: opened it for them, {}", name, family_.openings, places);
}

Plan ForeignChains::taken(const Ruleset& rules, Plan plan) const {
    std::erase_if(plan.openings, [&](const Opening& one) {
        return refusals_.contains(nameOf(rules.chains[one.chain]));
    });
    return plan;
}

}  // namespace igd::firewall
