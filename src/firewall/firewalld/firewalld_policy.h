// SPDX-License-Identifier: GPL-2.0-or-later
// Since firewalld 2.2 nobody else may write to firewalld's table (`flags owner`). Packets that its
// chains stop pass by its own policy "upnpd", which the installation brings and which is empty. Its
// rules of ours stand there until firewalld is reloaded, and are given again then. Nothing here
// waits: a rule is asked for, and the opening is made when firewalld has agreed.
#pragma once

#include "firewalld/firewalld_bus.h"

#include "upnpd/portmap/firewall.h"
#include "upnpd/util/time.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace igd::firewall {

class FirewalldPolicy {
public:
    /// Longest wait of a request for firewalld's answer.
    static constexpr std::chrono::milliseconds kPatience{1500};
    /// Longest wait at the end of the daemon.
    static constexpr std::chrono::milliseconds kLongPatience{2000};
    /// After a question without an answer there is none for that long.
    static constexpr std::chrono::seconds kPause{5};
    /// So long a rule is kept that was asked for and that no opening has taken, and so long
    /// firewalld's refusal counts for those who ask for the same.
    static constexpr std::chrono::seconds kKept{3};

    /// Called with rules that were taken away, when firewalld lets their packets pass no more.
    using Over = std::function<void(std::span<const Rule>)>;

    /// `bus` is not nullptr.
    FirewalldPolicy(
        std::unique_ptr<FirewalldBus> bus, Over over,
        std::function<TimePoint()> now = [] { return Clock::now(); });

    /// Returns whether packets of `rules` pass by rules that firewalld holds; false: it is asked
    /// for them, and this is to be called again until it has answered. Errors: Backend: firewalld
    /// does not take them, or cannot be asked; the log has said it.
    Result<bool> prepare(std::span<const Rule> rules);

    /// Takes note of a change that was made. What firewalld does not hold yet it is asked for.
    void apply(const RuleDelta& delta);
    /// Makes `rules` the only ones of ours, in place of those that an earlier daemon has left
    /// behind, if any.
    void replaceAll(std::span<const Rule> rules, bool leftBehind);
    /// Takes all rules of ours out of firewalld, and waits for it. Errors: Backend.
    Result<void> removeAll(bool leftBehind);

    /// The policy is for packets that come in by that interface; laid by the next replaceAll().
    void externalIs(const InterfaceName& external) { bus_->externalIs(external); }

    /// Takes in what firewalld says, and does what that asks for.
    void hear();
    /// Returns a descriptor that is readable when hear() has something to do.
    [[nodiscard]] int descriptor() const { return bus_->descriptor(); }

    /// Returns why packets of openings are stopped now; empty: they are not.
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

private:
    using Texts = std::set<std::string>;  ///< rich rules
    struct Sent {
        Texts texts;
        TimePoint at;
    };

    void put(const Rule& rule);
    void take(const Rule& rule);
    /// nullopt: firewalld's language has no words for one of them.
    [[nodiscard]] static std::optional<Texts> textsOf(std::span<const Rule> rules);
    [[nodiscard]] Texts wanted() const;
    void listen();
    void lose();
    void update();
    [[nodiscard]] bool isToSend(const Texts& texts, TimePoint now) const;
    void wakeLater(TimePoint now);
    void received(const BusAnswer& answer);
    void agreed(Texts texts);
    void settleEnded();
    void refused(const Texts& texts, const BusError& error);
    void say(const BusError& error);
    void complain(const std::string& line);

    std::unique_ptr<FirewalldBus> bus_;
    Over over_;
    std::function<TimePoint()> now_;
    std::map<std::string, std::size_t> counts_;  ///< how many of our rules need each rich rule
    using Until = std::map<std::string, TimePoint>;
    Until asked_;                     ///< for openings to come
    Until refused_;                   ///< of those, what firewalld has not taken
    Texts held_;                      ///< firewalld has agreed to these
    bool unsure_ = false;             ///< it may hold others than those
    std::optional<Sent> sent_;        ///< without an answer yet
    std::optional<Texts> pointless_;  ///< it has refused that list
    bool blocked_ = false;            ///< no question before it announces something
    std::optional<TimePoint> pausedUntil_;
    bool lost_ = false;        ///< it has announced that our rules are gone
    std::string complaint_;    ///< the last line in the log
    std::vector<Rule> ended_;  ///< while firewalld still lets their packets pass
};

}  // namespace igd::firewall
