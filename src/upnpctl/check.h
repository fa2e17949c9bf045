// SPDX-License-Identifier: GPL-2.0-or-later
// `upnpctl check` turns facts into findings. It is pure.
#pragma once

#include "facts.h"

#include <string>
#include <vector>

namespace igd::ctl {

enum class Verdict : std::uint8_t {
    Ok,
    Fail,     ///< stops traffic
    Unknown,  ///< depends on what cannot be judged
    Note,     ///< worth knowing
};

struct Line {
    std::string code;  ///< stable, for programs and the manual: "FWD-01"
    Verdict verdict{};
    std::string text;       ///< one sentence with the facts
    std::string remedy;     ///< what to do, in words; empty when there is nothing to say
    std::string command{};  ///< what to type for it; empty: no one line does it
};

/// Makes all checks of the host, and of every mapping; with `keys` of those ports alone, mapped or
/// not.
[[nodiscard]] std::vector<Line> check(const Facts& facts, const std::vector<MappingKey>& keys);

[[nodiscard]] std::string checkText(const std::vector<Line>& lines);
[[nodiscard]] Json checkJson(const std::vector<Line>& lines);
/// Returns 1 when something stops traffic, else 0.
[[nodiscard]] int checkStatus(const std::vector<Line>& lines);

}  // namespace igd::ctl
