// SPDX-License-Identifier: GPL-2.0-or-later
// Checks of the host as a whole: forwarding, masquerade, connection tracking, clock, firewalls.
#pragma once

#include "advice.h"
#include "rule_judge.h"

namespace igd::ctl {

class HostChecks {
public:
    /// `judge` is nullptr where the rules may not be read. Both must outlive this.
    HostChecks(const Facts& facts, const RuleJudge* judge)
        : facts_(facts), judge_(judge), advice_(facts) {}

    [[nodiscard]] std::vector<Line> all();

private:
    void add(std::string code, Verdict verdict, std::string text, std::string remedy = "",
             std::string command = "");
    void forwarding();
    void masquerade(const inspect::Lan& lan);
    void sharedPorts();
    void tracking();
    void clock();
    void firewalls();
    void store();

    const Facts& facts_;
    const RuleJudge* judge_;
    Advice advice_;
    std::vector<Line> lines_;
};

}  // namespace igd::ctl
