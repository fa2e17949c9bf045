// SPDX-License-Identifier: GPL-2.0-or-later
// Checks of the internal interfaces: do requests of clients arrive, and does somebody answer?
#pragma once

#include "advice.h"
#include "rule_judge.h"

namespace igd::ctl {

class LanChecks {
public:
    /// `judge` is nullptr where the rules may not be read. Both must outlive this.
    LanChecks(const Facts& facts, const RuleJudge* judge)
        : facts_(facts), judge_(judge), advice_(facts) {}

    [[nodiscard]] std::vector<Line> all();

private:
    void lan(const Facts::Internal& internal);
    [[nodiscard]] bool link(const Facts::Internal& internal);
    void problem(const Facts::Internal::Problem& problem);
    void served(const Facts::Internal& internal);
    void inputs(const Facts::Internal& internal);
    void input(const char* code, const inspect::Lan& lan, const SocketName& to, const char* who);
    void bridge(const Facts::Internal& internal);
    void loopback();

    const Facts& facts_;
    const RuleJudge* judge_;
    Advice advice_;
    std::vector<Line> lines_;
};

}  // namespace igd::ctl
