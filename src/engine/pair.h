// SPDX-License-Identifier: GPL-2.0-or-later
// One of two routers that are one gateway to their clients. The active one answers, has the rules
// and writes to the store of leases; the other one stands by: it answers nobody, has no rule, and
// follows the store in memory. Another program says which is which (keepalived). Both would be
// active when one was cut off or hung, so the store knows who has taken the lead last, and whoever
// may have lost it answers nobody until it knows.
//
//   standby --promote()--> taking the lead --> active --demote(), replaced()--> standby
//                                               active --hung--> unsure --still leads--> active
#pragma once

#include "upnpd/store/lease_store.h"
#include "upnpd/util/time.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace igd {

class Pair {
public:
    /// The engine does this for it.
    struct Parts {
        /// Lays the rules of all openings and begins to answer, after the one that has left `lead`.
        /// Returns whether the firewall takes the rules.
        std::function<bool(const Lead& lead)> begin;
        /// Ends whatever answers, without a goodbye, and takes the rules out.
        std::function<void()> end;
        /// Lets front ends answer until then.
        std::function<void(TimePoint until)> mayAnswer;
        /// Hears in a sentence that the role is another one.
        std::function<void(const std::string& text)> changed;
    };
    /// Gets why the router is not the active one; nullopt: it is.
    using Promoted = std::function<void(const std::optional<std::string>& refusal)>;

    /// tick() is to be called so often.
    static constexpr std::chrono::milliseconds kTick{250};
    /// A front end that hears nothing from the engine answers no longer than that; an engine that
    /// did nothing for that long asks the store first.
    static constexpr std::chrono::milliseconds kTrust{1000};

    /// `store` must outlive this, and is started by somebody else.
    Pair(LeaseStore& store, Parts parts) : store_(store), parts_(std::move(parts)) {}

    /// Makes this router the active one. Calls `promoted` once, at once or later.
    void promote(Promoted promoted);
    /// Makes it stand by; `why` is a sentence. Nothing is done where it does already.
    void demote(const std::string& why);
    /// The daemon called `by` has taken the lead.
    void replaced(const std::string& by);
    /// Time has passed.
    void tick(TimePoint now);
    /// The daemon ends, and the store writes what waits: nobody is answered any more.
    void leave();

    [[nodiscard]] bool isActive() const {
        return state_ == State::Active || state_ == State::Unsure;
    }
    /// Returns until when front ends may answer.
    [[nodiscard]] TimePoint answersUntil() const { return until_; }
    /// Returns whether a client may be answered at `now`.
    [[nodiscard]] bool mayAnswer(TimePoint now) const { return isActive() && now < until_; }

private:
    enum class State : std::uint8_t { Standby, TakingLead, Active, Unsure };
    void taken(const tl::expected<Lead, std::string>& lead);
    void tell(const std::optional<std::string>& refusal);
    void trust(TimePoint now);
    void standBy(const std::string& why);
    void confirmed(bool leads);

    LeaseStore& store_;
    const Parts parts_;
    State state_ = State::Standby;
    std::vector<Promoted> waiting_;
    TimePoint until_{};
    TimePoint lastTick_{};
    TimePoint takingSince_{};
};

}  // namespace igd
