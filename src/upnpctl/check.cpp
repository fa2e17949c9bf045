// SPDX-License-Identifier: GPL-2.0-or-later
#include "check.h"

#include "external_checks.h"
#include "host_checks.h"
#include "lan_checks.h"
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

std::vector<Line> check(const Facts& facts, const std::vector<MappingKey>& keys) {
    const auto judge = facts.rules ? std::make_unique<RuleJudge>(facts) : nullptr;
    std::vector<Line> lines;
    const auto add = [&](std::vector<Line> more) {
        std::ranges::move(more, std::back_inserter(lines));
    };
    if (facts.role == "standby")
        return {{"PAIR-01", Verdict::Note,
                 "this router stands by: nothing is mapped here, and nobody is answered",
                 "ask the active router of the pair; where there is none: is keepalived running?",
                 "upnpctl promote"}};
    if (facts.role == "active")
        add({{"PAIR-01", Verdict::Ok, "this router is the active one of the pair", "", ""}});
    add(ExternalChecks{facts, judge.get()}.all());
    add(HostChecks{facts, judge.get()}.all());
    add(LanChecks{facts, judge.get()}.all());
    if (keys.empty()) add(OpeningChecks{facts, judge.get()}.all());
    for (const MappingKey& key : keys) add(OpeningChecks{facts, judge.get()}.port(key));
    return lines;
}

std::string checkText(const std::vector<Line>& lines) {
    std::string text;
    for (const Line& line : lines) {
        text += fmt::format("{:<8} {:<7}  {}\n", line.code, wordOf(line.verdict), line.text);
        if (line.verdict == Verdict::Ok) continue;
        for (const std::string& advice : {line.remedy, line.command})
            if (!advice.empty()) text += fmt::format("{:18}-> {}\n", "", advice);
    }
    return text;
}

Json checkJson(const std::vector<Line>& lines) {
    Json checks = Json::array();
    for (const Line& line : lines)
        checks.push_back({{"code", line.code},
                          {"verdict", wordOf(line.verdict)},
                          {"text", line.text},
                          {"remedy", line.remedy.empty() ? line.command : line.remedy},
                          {"command", line.command}});
    return {{"ok", checkStatus(lines) == 0}, {"schema", 1}, {"checks", checks}};
}

int checkStatus(const std::vector<Line>& lines) {
    return std::ranges::any_of(lines,
                               [](const Line& line) { return line.verdict == Verdict::Fail; })
               ? 1
               : 0;
}

}  // namespace igd::ctl
