// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/inspect/judge.h"

#include <algorithm>
#include <set>
#include <utility>

namespace igd::inspect {
namespace {

constexpr std::size_t kMostWalks = 512;  // ways through the rules that cannot be judged
constexpr std::size_t kMostRules =
    200000;  // looked at in all of them: jumps can make more of few rules
constexpr std::string_view kOwnLegacyChain = "legacy filter UPNPD";
constexpr std::string_view kOwnForwardChain = "inet upnpd forward";
constexpr int kDeepestJump = 32;  // the kernel allows 16

/// An Oracle answers for rules that cannot be judged: yes or no, another way at each walk, until
/// all ways were gone. Example: "limit rate 10/second accept" and then "drop". Walk 1 asks once and
/// is told no: the packet is dropped. another() turns the last no into a yes; walk 2 is told yes:
/// the packet passes. The ways end differently, so the verdict is Unknown, and first() names the
/// limit rule. With two such rules in a row the answers are no no, no yes, yes no, yes yes, as a
/// binary counter counts; an answer that ends the walk early cuts off the rest of its branch.
class Oracle {
public:
    [[nodiscard]] bool ask(const std::string& where, const std::string& text) {
        if (first_.empty()) first_ = where, firstText_ = text;
        if (next_ == answers_.size()) answers_.push_back(false);
        return answers_[next_++];
    }
    /// Called for each rule that is looked at; false when it is enough, and nothing can be said.
    [[nodiscard]] bool lookAtOneMore() { return looked_ < kMostRules && ++looked_ != 0; }
    [[nodiscard]] bool gaveUp() const { return looked_ == kMostRules; }
    /// Prepares the next walk; false when there is none.
    [[nodiscard]] bool another() {
        next_ = 0;
        while (!answers_.empty() && answers_.back()) answers_.pop_back();
        if (answers_.empty()) return false;
        answers_.back() = true;
        return true;
    }
    [[nodiscard]] const std::string& first() const { return first_; }
    [[nodiscard]] const std::string& firstText() const { return firstText_; }

private:
    std::vector<bool> answers_;
    std::size_t next_ = 0;
    std::size_t looked_ = 0;
    std::string first_;
    std::string firstText_;
};

enum class Course : std::uint8_t { On, Accepted, Dropped, Translated, Redirected, Masqueraded };

/// A Walk takes one packet through the chains as the kernel does. Example: "tcp dport 22 drop" in
/// forward, for a packet to port 3074. pass(Forward) runs the chain by its priority, the step "tcp
/// dport 22" is false, so the rule does not apply and the policy decides. For a step that cannot be
/// judged the walk asks the oracle, but only if the rule does something: a counter alone does not.
class Walk {
public:
    Walk(const Ruleset& rules, Oracle& oracle, Packet packet)
        : rules_(rules), oracle_(oracle), packet_(std::move(packet)) {}

    Packet& packet() { return packet_; }
    [[nodiscard]] Finding stopped() const { return {Fate::Stopped, where_, text_, std::nullopt}; }

    /// All base chains at `hook`; false when one of them drops. `masqueraded` is told whether one
    /// changed the source.
    [[nodiscard]] bool pass(Hook hook, bool* masqueraded = nullptr) {
        bool done = false;  // a flow is translated once at each end
        for (const Chain* const chain : basesAt(hook)) {
            if (chain->base->translates && done) continue;
            const Course result = runBase(*chain);
            if (result == Course::Dropped) return false;
            if (isTranslation(result)) done = true;
            if (result == Course::Masqueraded && masqueraded != nullptr) *masqueraded = true;
        }
        return true;
    }

    /// Returns whether a nat chain on the way in leads the packet elsewhere; stopped() names the
    /// rule then.
    [[nodiscard]] bool isLedElsewhere() {
        for (const Chain* const chain : basesAt(Hook::Prerouting)) {
            if (!chain->base->translates) continue;
            const Course result = runBase(*chain);
            if (result == Course::Dropped) return false;
            if (isTranslation(result)) return true;
        }
        return false;
    }
    [[nodiscard]] bool redirected() const { return redirected_; }

private:
    [[nodiscard]] static bool isTranslation(Course course) {
        return course == Course::Translated || course == Course::Redirected ||
               course == Course::Masqueraded;
    }

    [[nodiscard]] std::vector<const Chain*> basesAt(Hook hook) const {
        std::vector<const Chain*> bases;
        for (const auto& [name, chain] : rules_.chains)
            if (chain.base && chain.base->hook == hook) bases.push_back(&chain);
        std::ranges::stable_sort(bases, {},
                                 [](const Chain* chain) { return chain->base->priority; });
        return bases;
    }

    Course runBase(const Chain& chain) {
        if (packet_.assumed && chain.name == kOwnForwardChain) return Course::Accepted;
        const Course result = run(chain, 0);
        if (result != Course::On) return result;
        if (!chain.base->policyDrop) return Course::Accepted;
        where_ = chain.name + " policy";
        text_.clear();
        return Course::Dropped;
    }

    /// On: its end was reached, or a return.
    Course run(const Chain& chain, int depth) {
        if (depth > kDeepestJump) return Course::On;
        for (const Rule& rule : chain.rules) {
            if (!oracle_.lookAtOneMore()) return Course::On;
            const auto verdict = judge(chain, rule);
            if (!verdict) continue;
            if (verdict->ending == Ending::Return) return Course::On;
            const Course result = carryOut(*verdict, chain, rule, depth);
            if (result != Course::On || verdict->ending == Ending::Goto) return result;
        }
        return Course::On;
    }

    [[nodiscard]] bool ask(const Chain& chain, const Rule& rule) {
        return oracle_.ask(chain.name + " " + rule.place, rule.text);
    }

    /// The verdict of a rule that applies; nullopt: the next rule.
    std::optional<Verdict> judge(const Chain& chain, const Rule& rule) {
        bool asked = false;
        for (const Step& step : rule.steps) {
            if (const auto* const condition = std::get_if<Condition>(&step)) {
                const Truth truth = (*condition)(packet_);
                if (truth == Truth::No) return std::nullopt;
                if (truth == Truth::Unknown && matters(rule) && !std::exchange(asked, true) &&
                    !ask(chain, rule))
                    return std::nullopt;
            } else if (const auto* const effect = std::get_if<Effect>(&step)) {
                (*effect)(packet_);
            } else if (const auto* const choice = std::get_if<Choice>(&step)) {
                return (*choice)(packet_);
            } else {
                return std::get<Verdict>(step);
            }
        }
        return std::nullopt;
    }

    /// Whether it makes a difference that the rule applies.
    [[nodiscard]] static bool matters(const Rule& rule) {
        return std::ranges::any_of(
            rule.steps, [](const Step& step) { return !std::holds_alternative<Condition>(step); });
    }

    Course carryOut(const Verdict& verdict, const Chain& chain, const Rule& rule, int depth) {
        switch (verdict.ending) {
            case Ending::Accept:
                return Course::Accepted;
            case Ending::Drop:
                return endAt(Course::Dropped, chain, rule);
            case Ending::Unknown:
                return ask(chain, rule) ? endAt(Course::Dropped, chain, rule) : Course::On;
            case Ending::Masquerade:
                return Course::Masqueraded;
            case Ending::Translate:
                return translate(verdict, chain, rule);
            case Ending::Redirect:
                redirected_ = true;
                return endAt(Course::Redirected, chain, rule);
            case Ending::Jump:
            case Ending::Goto: {
                if (packet_.assumed && verdict.chain == kOwnLegacyChain) return Course::Accepted;
                const auto target = rules_.chains.find(verdict.chain);
                return target == rules_.chains.end() ? Course::On : run(target->second, depth + 1);
            }
            case Ending::Return:
                break;
        }
        return Course::On;
    }

    Course endAt(Course course, const Chain& chain, const Rule& rule) {
        where_ = chain.name + " " + rule.place;
        text_ = rule.text;
        return course;
    }

    Course translate(const Verdict& verdict, const Chain& chain, const Rule& rule) {
        const auto target = verdict.target(packet_);
        if (!target) return Course::On;
        packet_.destination = *target;
        packet_.translated = true;
        packet_.destinationType = DestinationType::Unicast;
        return endAt(Course::Translated, chain, rule);
    }

    const Ruleset& rules_;
    Oracle& oracle_;
    Packet packet_;
    bool redirected_ = false;
    std::string where_;
    std::string text_;
};

/// Every way through what cannot be judged; one answer if all ways lead to it.
template <class Once>
Finding onAllWays(const Once& once) {
    Oracle oracle;
    std::optional<Finding> common;
    std::size_t walks = 0;
    do {
        const Finding finding = once(oracle);
        if (!common) common = finding;
        if (oracle.gaveUp())
            return {Fate::Unknown, "a ruleset with so many jumps", "", common->translatedTo};
        if (common->fate != finding.fate || ++walks > kMostWalks)
            return {Fate::Unknown, oracle.first(), oracle.firstText(), common->translatedTo};
    } while (oracle.another());
    return *common;
}

const Lan* lanOf(const std::vector<Lan>& lans, Ipv4Address address) {
    const auto lan =
        std::ranges::find_if(lans, [&](const Lan& l) { return l.prefix.contains(address); });
    return lan == lans.end() ? nullptr : &*lan;
}

/// The daemon's mark on packets of mappings.
constexpr std::uint64_t kMarkOfMappings = 0x00800000;

/// Makes the packet as if the daemon had laid its rules for a mapping.
void assume(Packet& packet, const Endpoint& target) {
    packet.destination = target;
    packet.translated = true;
    packet.destinationType = DestinationType::Unicast;
    packet.mark = kMarkOfMappings;
    packet.assumed = true;
}

Packet packetOf(const FromOutside& from) {
    Packet packet{from.external.text(),
                  "",
                  from.protocol,
                  from.source,
                  {from.externalAddress, from.port},
                  {}};
    packet.originalDestination = packet.destination;
    packet.destinationType = DestinationType::Local;
    return packet;
}

Finding wayIn(const Ruleset& rules, Oracle& oracle, const FromOutside& from,
              const std::vector<Lan>& lans) {
    Walk walk{rules, oracle, packetOf(from)};
    if (!walk.pass(Hook::Ingress) || !walk.pass(Hook::Prerouting) || walk.redirected())
        return walk.stopped();
    Packet& now = walk.packet();
    if (!now.translated && from.assumed) assume(now, *from.assumed);
    if (!now.translated) return {Fate::Stopped, "no translation", "", std::nullopt};
    const Endpoint target = now.destination;
    const Lan* const lan = lanOf(lans, target.address);
    if (lan == nullptr) return {Fate::Stopped, "no route by an internal interface", "", target};
    now.out = lan->interface.text();
    Finding finding = walk.pass(Hook::Forward) && walk.pass(Hook::Postrouting)
                          ? Finding{Fate::Reaches, "", "", {}}
                          : walk.stopped();
    finding.translatedTo = target;
    return finding;
}

}  // namespace

Finding judgeWayIn(const Ruleset& rules, const FromOutside& packet, const std::vector<Lan>& lans) {
    return onAllWays([&](Oracle& oracle) { return wayIn(rules, oracle, packet, lans); });
}

Finding judgeLead(const Ruleset& rules, const FromOutside& packet) {
    return onAllWays([&](Oracle& oracle) -> Finding {
        Walk walk{rules, oracle, packetOf(packet)};
        if (walk.isLedElsewhere()) return walk.stopped();
        return {Fate::Reaches, "", "", std::nullopt};
    });
}

Finding judgeInput(const Ruleset& rules, const ToRouter& from) {
    return onAllWays([&](Oracle& oracle) -> Finding {
        Packet packet{from.internal.text(), "", from.protocol, from.source, from.destination,
                      from.destination};
        packet.destinationType = from.destination.address.isMulticast() ? DestinationType::Multicast
                                                                        : DestinationType::Local;
        Walk walk{rules, oracle, packet};
        if (!walk.pass(Hook::Ingress) || !walk.pass(Hook::Prerouting)) return walk.stopped();
        if (walk.packet().translated)
            return {Fate::Stopped, "translated to another host", "", walk.packet().destination};
        return walk.pass(Hook::Input) ? Finding{Fate::Reaches, "", "", {}} : walk.stopped();
    });
}

Finding judgeMasquerade(const Ruleset& rules, const Lan& lan, const InterfaceName& external) {
    // Any host of the LAN, from a port that nobody maps, to any host of the Internet.
    const Endpoint source{Ipv4Address{lan.prefix.network().value() + 2}, Port{60999}};
    const Endpoint destination{Ipv4Address{0x08080808}, Port{443}};
    return onAllWays([&](Oracle& oracle) -> Finding {
        Walk walk{rules,
                  oracle,
                  {lan.interface.text(), "", Protocol::Tcp, source, destination, destination}};
        if (!walk.pass(Hook::Ingress) || !walk.pass(Hook::Prerouting)) return walk.stopped();
        walk.packet().out = external.text();
        bool masqueraded = false;
        if (!walk.pass(Hook::Forward) || !walk.pass(Hook::Postrouting, &masqueraded))
            return walk.stopped();
        return masqueraded ? Finding{Fate::Reaches, "", "", {}}
                           : Finding{Fate::Stopped, "no masquerade", "", {}};
    });
}

}  // namespace igd::inspect
