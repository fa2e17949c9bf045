// SPDX-License-Identifier: GPL-2.0-or-later
// Checks of the external interface: its link, its addresses, its routes.
#pragma once

#include "route_judge.h"
#include "rule_judge.h"

namespace igd::ctl {

class ExternalChecks {
public:
    /// `judge` is nullptr where the rules may not be read. Both must outlive this.
    ExternalChecks(const Facts& facts, const RuleJudge* judge)
        : facts_(facts), judge_(judge), routes_(facts) {}

    [[nodiscard]] std::vector<Line> all();

private:
    [[nodiscard]] bool link();
    void address();
    void above();
    void routes();
    void uplinks();
    void uplink(const Facts::Uplink& uplink);
    void answersBy(const Facts::Uplink& uplink);
    void report(const char* code, const std::string& well, const std::string& bad,
                const std::optional<RouteStop>& stop);

    const Facts& facts_;
    const RuleJudge* judge_;
    RouteJudge routes_;
    std::vector<Line> lines_;
};

}  // namespace igd::ctl
