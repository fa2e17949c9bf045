// SPDX-License-Identifier: GPL-2.0-or-later
#include "walk.h"

#include "match.h"

#include <algorithm>
#include <utility>

namespace igd::inspect {
namespace {

constexpr int kDeepestJump = 32;  // the kernel allows 16

/// Whether it makes a difference that the rule applies.
bool matters(std::span<const Step> steps) {
    return std::ranges::any_of(steps, [](const Step& step) { return !isCondition(step); });
}

bool isEnd(const Step& step) {
    return std::holds_alternative<Verdict>(step) || std::holds_alternative<VerdictMap>(step) ||
           std::holds_alternative<Translation>(step);
}

}  // namespace

/// An ingress or egress chain of family netdev hangs on some interfaces.
bool Walk::concerns(const Base& base) const {
    const std::string& device = base.hook == Hook::Egress ? packet_.out : packet_.in;
    return base.devices.empty() || std::ranges::find(base.devices, device) != base.devices.end();
}

bool Walk::pass(Hook hook) {
    for (const ChainId id : rules_.basesAt(hook, packet_.isIpv6()))
        if (!rules_.chains[id].base->translates && runBase(id) == Course::Dropped) return false;
    return true;
}

bool Walk::passWithNat(Hook hook) {
    bool done = false;  // a flow is translated once at each end
    for (const ChainId id : rules_.basesAt(hook, packet_.isIpv6())) {
        const bool nat = rules_.chains[id].base->translates;
        if (nat && (done || !packet_.fresh)) continue;
        const Course course = runBase(id);
        if (course == Course::Dropped) return false;
        done = done || course == Course::Translated;
    }
    return true;
}

Course Walk::runBase(ChainId id) {
    const Chain& chain = rules_.chains[id];
    if (chain.own || !concerns(*chain.base)) return Course::Accepted;
    natChain_ = chain.base->translates;
    hook_ = chain.base->hook;
    const Course course = run(id, 0);
    if (course != Course::On) return course;
    if (!chain.base->policyDrop) return Course::Accepted;
    place_ = Place{id, std::nullopt};
    return Course::Dropped;
}

/// On: the end of the chain was reached, or a return.
Course Walk::run(ChainId id, int depth) {
    const Chain& chain = rules_.chains[id];
    // A chain of ours lets packets of openings pass; it translates nothing for others.
    if (chain.own) return packet_.opened && !natChain_ ? Course::Accepted : Course::On;
    if (depth > kDeepestJump) return Course::On;
    for (std::uint32_t index = 0; index < chain.rules.size(); ++index) {
        if (!oracle_.lookAtOneMore()) return Course::On;
        const Step* const end = apply(id, index);
        const Course course = end == nullptr ? Course::On : carryOut(*end, id, index, depth);
        if (course == Course::Returned) return Course::On;
        if (course != Course::On) return course;
    }
    return Course::On;
}

/// The mark and label of our own rules are on packets of openings, whatever reads them.
Truth Walk::truthOf(const Rule& rule, const Step& step) const {
    if (rule.opening < 0) return matches(packet_, step);
    const auto* const comparison = std::get_if<Comparison>(&step);
    if (comparison != nullptr && comparison->field == Field::Mark) return Truth::Yes;
    const Truth truth = matches(packet_, step);
    return truth == Truth::Unknown ? Truth::Yes : truth;
}

/// Returns how a rule that applies ends; nullptr: the next rule.
const Step* Walk::apply(ChainId id, std::uint32_t index) {
    const Chain& chain = rules_.chains[id];
    const Rule& rule = chain.rules[index];
    if (rule.opening >= 0 && !packet_.opened) return nullptr;
    const auto steps = chain.stepsOf(rule);
    bool asked = false;
    for (const Step& step : steps) {
        if (isEnd(step)) return &step;
        const Truth truth = truthOf(rule, step);
        if (truth == Truth::No) return nullptr;
        if (truth == Truth::Unknown && matters(steps) && !std::exchange(asked, true) &&
            !oracle_.ask({id, index}))
            return nullptr;
        change(packet_, step);
        if (std::holds_alternative<Untrack>(step)) place_ = Place{id, index};
    }
    return nullptr;
}

Course Walk::carryOut(const Step& end, ChainId id, std::uint32_t index, int depth) {
    if (const auto* const verdict = std::get_if<Verdict>(&end))
        return follow(*verdict, id, index, depth);
    if (const auto* const translation = std::get_if<Translation>(&end))
        return translate(*translation, id, index);
    const auto& map = std::get<VerdictMap>(end);
    const Found found = find(packet_, map.operands, map.keys.get());
    if (found.known == Truth::No) return Course::On;
    if (found.known == Truth::Unknown) return follow({Ending::Unknown}, id, index, depth);
    return follow((*map.verdicts)[found.index], id, index, depth);
}

Course Walk::follow(const Verdict& verdict, ChainId id, std::uint32_t index, int depth) {
    switch (verdict.ending) {
        case Ending::Accept:
            return Course::Accepted;
        case Ending::Unknown:
            if (!oracle_.ask({id, index})) return Course::On;
            [[fallthrough]];
        case Ending::Drop:
            place_ = Place{id, index};
            return Course::Dropped;
        case Ending::Jump:
            return run(verdict.chain, depth + 1);
        case Ending::Goto: {
            const Course course = run(verdict.chain, depth + 1);
            return course == Course::On ? Course::Returned : course;
        }
        case Ending::Return:
            break;
    }
    return Course::Returned;
}

Course Walk::translate(const Translation& translation, ChainId id, std::uint32_t index) {
    Translation done = translation;
    if (const auto& map = done.map) {
        const Found found = find(packet_, map->operands, map->keys.get());
        if (found.known == Truth::No) return Course::On;
        if (found.known == Truth::Unknown && !oracle_.ask({id, index})) return Course::On;
        if (found.known == Truth::Yes && map->targets) {
            done.address = (*map->targets)[found.index].address;
            done.port = (*map->targets)[found.index].port;
        } else {
            done.unknownTarget = true;
        }
    }
    place_ = Place{id, index};
    if (done.kind == Translating::Destination) {
        if (done.address) packet_.destination.address = *done.address;
        if (done.port) packet_.destination.port = *done.port;
        packet_.translated = true;
        packet_.destinationType = rtn::kUnicast;
    }
    if (done.kind == Translating::Source || done.kind == Translating::Masquerade)
        packet_.masqueraded = true;
    translation_ = std::move(done);
    return Course::Translated;
}

}  // namespace igd::inspect
