// SPDX-License-Identifier: GPL-2.0-or-later
// Checks of mappings, pinholes and single ports: does a packet from the Internet arrive?
#pragma once

#include "rule_judge.h"

#include <optional>

namespace igd::ctl {

class OpeningChecks {
public:
    /// `judge` is nullptr where the rules may not be read. Both must outlive this.
    OpeningChecks(const Facts& facts, const RuleJudge* judge) : facts_(facts), judge_(judge) {}

    /// Checks all mappings and pinholes.
    [[nodiscard]] std::vector<Line> all();
    /// Checks one external port, mapped or not.
    [[nodiscard]] std::vector<Line> port(const MappingKey& key);

private:
    void add(std::string code, Verdict verdict, std::string text, std::string remedy = "");
    void mapping(const Json& json);
    void pinhole(const Json& json);
    void unmapped(const MappingKey& key);
    void report(const char* code, const std::string& what, const inspect::Finding& finding,
                const IpEndpoint& internal);

    const Facts& facts_;
    const RuleJudge* judge_;
    std::vector<Line> lines_;
};

}  // namespace igd::ctl
