// SPDX-License-Identifier: GPL-2.0-or-later
// Tells people what happens: `upnpctl watch`, the page, metrics, the program of `on_change`. It
// stands between the core and whoever keeps its openings.
//
// An event is an object of JSON:
//   {"event": "granted" | "renewed" | "changed" | "ended", "time": SECONDS, "opening": {...},
//    "cause": WORD, "reason": SENTENCE}     the last two where a claim has ended
//   {"event": "refused", "time": SECONDS, "via": "pcp", "requester": ADDRESS, "what": WORDS,
//    "error": WORD, "reason": SENTENCE, "description": TEXT}
//   {"event": "repaired" | "address" | "reloaded" | "front-end" | "role", "time": SECONDS,
//    "text": SENTENCE}
#pragma once

#include "opening_facts.h"

#include "upnpd/portmap/observer.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <utility>

namespace igd {

constexpr std::size_t kOrigins = 5;
constexpr std::size_t kErrors = 12;

/// Counts since the start; by Origin, by MappingError, by EndCause.
struct EventCounts {
    std::array<std::uint64_t, kOrigins> granted{};
    std::array<std::uint64_t, kOrigins> renewed{};
    std::array<std::uint64_t, kErrors> refused{};
    std::array<std::uint64_t, kEndCauses.size()> ended{};
    std::uint64_t repairs = 0;
    std::uint64_t addressChanges = 0;
    std::uint64_t frontEndRestarts = 0;
};

/// A refusal that is remembered for an hour; what is asked in vain again and again is one.
struct RefusedLately {
    RefusalEvent refusal;
    TimePoint at;  ///< the last time
    std::uint32_t count = 1;
};

class Events final : public OpeningObserver {
public:
    /// Hears of an event. Returns whether it wants to hear of more.
    using Listener = std::function<bool(const nlohmann::json& event)>;

    /// The most refusals that are remembered.
    static constexpr std::size_t kMostRefusals = 64;
    static constexpr Seconds kRemembered{3600};

    /// `keeper` hears of openings first.
    explicit Events(OpeningObserver& keeper) : keeper_(keeper) {}

    /// Openings in events have the facts that `facts` finds.
    void tellFacts(FactsOf facts) { facts_ = std::move(facts); }
    void listen(Listener listener) { listeners_.push_back(std::move(listener)); }
    /// Has `listener` hear of each refusal, for ever.
    void listenToRefusals(std::function<void(const RefusalEvent&)> listener) {
        refusalListener_ = std::move(listener);
    }

    /// Has `listener` hear of each grant, renewal, change and end, for ever.
    void listenToOpenings(std::function<void(const OpeningEvent&)> listener) {
        openingListener_ = std::move(listener);
    }

    /// Has another one hear of openings, after the keeper.
    void alsoTell(std::function<void(const Opening&)> stored,
                  std::function<void(const Opening&)> ended) {
        alsoStored_ = std::move(stored);
        alsoEnded_ = std::move(ended);
    }

    void openingStored(const Opening& opening) override;
    void openingEnded(const Opening& opening) override;
    void happened(const OpeningEvent& event) override;
    void refused(const RefusalEvent& event) override;

    /// Each says in a sentence what has happened beside openings.
    void repaired(const std::string& damage);
    void addressChanged(const std::string& external);
    void reloaded(const std::string& outcome);
    void frontEndRestarted(const std::string& how);
    void roleChanged(const std::string& text);

    [[nodiscard]] const EventCounts& counts() const { return counts_; }
    /// Returns the refusals of the last hour before `now`, the newest last.
    [[nodiscard]] const std::deque<RefusedLately>& refusals(TimePoint now);

private:
    void remember(const RefusalEvent& event, TimePoint now);
    void tell(std::string_view name, nlohmann::json event);
    void tellText(std::string_view name, const std::string& text);

    [[nodiscard]] nlohmann::json jsonOf(const OpeningEvent& event) const;

    OpeningObserver& keeper_;
    FactsOf facts_ = [](const Opening&) { return OpeningFacts{}; };
    std::list<Listener> listeners_;
    std::function<void(const RefusalEvent&)> refusalListener_;
    std::function<void(const OpeningEvent&)> openingListener_;
    std::function<void(const Opening&)> alsoStored_;
    std::function<void(const Opening&)> alsoEnded_;
    EventCounts counts_;
    std::deque<RefusedLately> refusals_;
};

}  // namespace igd
