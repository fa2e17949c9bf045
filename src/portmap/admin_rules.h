// SPDX-License-Identifier: GPL-2.0-or-later
// Says what becomes of what the administrator opens. No client has a say in it afterwards, and it
// does not end with its host.
#pragma once

#include "rule_set.h"

namespace igd {

class AdminRules {
public:
    explicit AdminRules(const Bench& bench) : bench_(bench) {}

    /// Stages the opening. Errors: as Openings::add() has them, but for Backend.
    [[nodiscard]] Judged<void> add(const AdminRequest& request, const Parties& parties) const;

private:
    const Bench& bench_;
};

}  // namespace igd
