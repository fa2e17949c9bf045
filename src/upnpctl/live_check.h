// SPDX-License-Identifier: GPL-2.0-or-later
// `upnpctl check --live PORT`: waits for a packet that a friend sends, and says where it went.
#pragma once

#include "live_trace.h"
#include "rule_judge.h"

#include "upnpd/util/time.h"

namespace igd::ctl {

/// Says of each step what was seen, and of the one that is missing why. `judge` is nullptr where
/// the rules may not be read. Pure but for the texts of rules.
[[nodiscard]] std::vector<Line> linesOf(const LiveTrace& trace, const Facts& facts,
                                        const RuleJudge* judge);

/// Waits for a packet to one of `keys` for at most `wait`, and follows it. Throws std::system_error
/// without the right to see packets.
[[nodiscard]] std::vector<Line> checkLive(const Facts& facts, const std::vector<MappingKey>& keys,
                                          Seconds wait);

}  // namespace igd::ctl
