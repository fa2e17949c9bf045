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

/// All else is for the active router to check.
Line standbyLine(const Facts& facts) {
    const std::string code = "PAIR-01";
    if (facts.store && !facts.store->problem.empty())
        return {code, Verdict::Fail,
                fmt::format("this router stands by, and follows nobody: {}: {}", facts.store->place,
                            facts.store->problem),
                "if it is to take over now, it does so with what it has read before", ""};
    if (facts.store && facts.store->leader.empty())
        return {code, Verdict::Fail,
                "this router stands by, and no other one is active: clients are not answered",
                "is keepalived running on both routers? By hand:", "upnpctl promote"};
    return {code, Verdict::Note,
            fmt::format("this router stands by: {} is the active one, ask there",
                        facts.store ? facts.store->leader : "the other one"),
            "", ""};
}

}  // namespace

std::vector<Line> check(const Facts& facts, const std::vector<MappingKey>& keys) {
    const auto judge = facts.rules ? std::make_unique<RuleJudge>(facts) : nullptr;
    std::vector<Line> lines;
    const auto add = [&](std::vector<Line> more) {
        std::ranges::move(more, std::back_inserter(lines));
    };
    if (facts.role == "standby") return {standbyLine(facts)};
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
