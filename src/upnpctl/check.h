// SPDX-License-Identifier: GPL-2.0-or-later
// `upnpctl check`: from facts to findings. Pure.
#pragma once

#include "facts.h"

#include <optional>
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
    std::string text;    ///< one sentence with the facts
    std::string remedy;  ///< what to do; empty when nothing is to be done
};

/// All checks; with `key` of that port alone, mapped or not, beside those of the host.
[[nodiscard]] std::vector<Line> check(const Facts& facts, const std::optional<MappingKey>& key);

[[nodiscard]] std::string checkText(const std::vector<Line>& lines);
[[nodiscard]] Json checkJson(const std::vector<Line>& lines);
/// 1 when something stops traffic.
[[nodiscard]] int checkStatus(const std::vector<Line>& lines);

}  // namespace igd::ctl
