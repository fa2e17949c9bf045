// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include "host_checks.h"
#include "opening_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>

namespace igd::ctl {
namespace {

std::string_view wordOf(Verdict verdict) {
    switch (verdict) {
        case Verdict::Ok:
            return "ok";
        case Verdict::Fail:
            return "FAIL";
        case Verdict::Unknown:
            return "unknown";
        case Verdict::Note:
            return "note";
    }
    return "?";
}

}  // namespace

std::vector<Line> check(const Facts& facts, const std::optional<MappingKey>& key) {
    const auto judge = facts.rules ? std::make_unique<RuleJudge>(facts) : nullptr;
    std::vector<Line> lines = HostChecks{facts, judge.get()}.all();
    OpeningChecks openings{facts, judge.get()};
    std::vector<Line> more = key ? openings.port(*key) : openings.all();
    std::ranges::move(more, std::back_inserter(lines));
    return lines;
}

std::string checkText(const std::vector<Line>& lines) {
    std::string text;
    for (const Line& line : lines) {
        text += fmt::format("{:<8}{:<7}  {}\n", line.code, wordOf(line.verdict), line.text);
        if (!line.remedy.empty() && line.verdict != Verdict::Ok)
            text += fmt::format("{:17}-> {}\n", "", line.remedy);
    }
    return text;
}

Json checkJson(const std::vector<Line>& lines) {
    Json checks = Json::array();
    for (const Line& line : lines)
        checks.push_back({{"code", line.code},
                          {"verdict", wordOf(line.verdict)},
                          {"text", line.text},
                          {"remedy", line.remedy}});
    return {{"ok", checkStatus(lines) == 0}, {"schema", 1}, {"checks", checks}};
}

int checkStatus(const std::vector<Line>& lines) {
    return std::ranges::any_of(lines,
                               [](const Line& line) { return line.verdict == Verdict::Fail; })
               ? 1
               : 0;
}

}  // namespace igd::ctl
