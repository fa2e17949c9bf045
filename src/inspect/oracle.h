// SPDX-License-Identifier: GPL-2.0-or-later
// Answers for rules that cannot be judged: yes or no, another way at each walk, until all ways were
// gone. Example: "ip saddr @friends accept" and then "drop". Walk 1 asks once and is told no: the
// packet is dropped. another() turns the last no into a yes; walk 2 is told yes: the packet passes.
// The ways end differently, so the verdict is Unknown, and first() names the rule. With two such
// rules in a row the answers are no no, no yes, yes no, yes yes, as a binary counter counts; an
// answer that ends the walk early cuts off the rest of its branch.
#pragma once

#include "upnpd/inspect/judge.h"

#include <optional>
#include <vector>

namespace igd::inspect {

class Oracle {
public:
    explicit Oracle(Doubt doubt) : doubt_(doubt) {}

    [[nodiscard]] bool ask(const Place& place) {
        if (doubt_ == Doubt::Ordinary) return false;
        if (!first_) first_ = place;
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
    [[nodiscard]] const std::optional<Place>& first() const { return first_; }

private:
    /// Jumps can make more of few rules.
    static constexpr std::size_t kMostRules = 500'000;

    Doubt doubt_;
    std::vector<bool> answers_;
    std::size_t next_ = 0;
    std::size_t looked_ = 0;
    std::optional<Place> first_;
};

}  // namespace igd::inspect
