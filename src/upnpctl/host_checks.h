// SPDX-License-Identifier: GPL-2.0-or-later
// Checks of the host itself: its interfaces, its settings, what its rules let in and out.
#pragma once

#include "rule_judge.h"

namespace igd::ctl {

class HostChecks {
public:
    /// `judge` is nullptr where the rules may not be read. Both must outlive this.
    HostChecks(const Facts& facts, const RuleJudge* judge) : facts_(facts), judge_(judge) {}

    [[nodiscard]] std::vector<Line> all();

private:
    void add(std::string code, Verdict verdict, std::string text, std::string remedy);
    void external();
    void forwarding();
    void masquerade(const inspect::Lan& lan);
    void inputOf(const Facts::Internal& internal);
    void input(const char* code, const Facts::Internal& internal, const Endpoint& to,
               Protocol protocol, const char* who);
    void unopened(const Facts::Internal::Problem& problem);
    void bridge(const Facts::Internal& internal);
    void firewalls();

    const Facts& facts_;
    const RuleJudge* judge_;
    std::vector<Line> lines_;
};

}  // namespace igd::ctl
