// SPDX-License-Identifier: GPL-2.0-or-later
// Checks of mappings, pinholes and single ports: does a packet from the Internet arrive?
#pragma once

#include "advice.h"
#include "route_judge.h"
#include "rule_judge.h"

#include <optional>

namespace igd::ctl {

class OpeningChecks {
public:
    /// `judge` is nullptr where the rules may not be read. Both must outlive this.
    OpeningChecks(const Facts& facts, const RuleJudge* judge)
        : facts_(facts), judge_(judge), routes_(facts), advice_(facts) {}

    /// Checks all mappings and pinholes, and IPv6 without pinholes.
    [[nodiscard]] std::vector<Line> all();
    /// Checks one external port, mapped or not.
    [[nodiscard]] std::vector<Line> port(const MappingKey& key);

private:
    /// An opening as the daemon tells of it.
    struct Told {
        const char* code;
        std::string what;
        Protocol protocol;
        IpEndpoint external;
        std::optional<IpEndpoint> remote;  ///< nullopt: any
        IpEndpoint internal;
    };

    void add(std::string code, Verdict verdict, std::string text, std::string remedy = "",
             std::string command = "");
    void mapping(const Json& json);
    void pinhole(const Json& json);
    void unmapped(const MappingKey& key);
    void withoutPinhole(const inspect::Lan& lan);
    void judge(const Told& told);
    [[nodiscard]] bool isLedAway(const Told& told, const inspect::Finding& finding);
    [[nodiscard]] std::optional<RouteStop> routeStop(const Told& told) const;
    [[nodiscard]] std::string otherAddresses(const Told& told) const;
    void addStopped(const char* code, const std::string& what, const inspect::Finding& finding);

    const Facts& facts_;
    const RuleJudge* judge_;
    RouteJudge routes_;
    Advice advice_;
    std::vector<Line> lines_;
};

}  // namespace igd::ctl
