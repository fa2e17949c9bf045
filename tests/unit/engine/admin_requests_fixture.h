// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "admin_requests.h"
#include "status_fixture.h"

#include <nlohmann/json.hpp>

namespace igd {

/// Asks as `upnpctl` does, by lines that answerAdmin() takes.
class AdminRequestsTest : public StatusTest {
protected:
    AdminParts parts() {
        return {.status = status(),
                .hosts = {.lans = lans_,
                          .resolve = [](const Lan&,
                                        const IpAddress& address) { return Host{address}; }},
                .events = events_,
                .metrics = metrics_,
                .approvals = approvals_,
                .names = names_,
                .facts =
                    [this](const Opening& opening) {
                        return OpeningFacts{names_.nameOf(opening.internal.address), kConsoleMac};
                    },
                .log = log_,
                .clear =
                    [this] {
                        done_.emplace_back("clear");
                        return openings_.clear(Clock::now());
                    },
                .reload =
                    [this](const auto& done) {
                        done_.emplace_back("reload");
                        done(reloaded_);
                    },
                .lookAgain = [this] { done_.emplace_back("sync"); },
                .applied = [this] { done_.emplace_back("applied"); }};
    }
    nlohmann::json ask(std::string_view request, bool mayChange = true) {
        std::vector<std::string> answers;
        answerAdmin(parts(), request, mayChange, [&](const std::string& answer) {
            answers.push_back(answer);
            return true;
        });
        return answers.size() == 1 ? nlohmann::json::parse(answers.front()) : nlohmann::json();
    }
    /// Returns the ports of the openings in `list`.
    static std::vector<int> portsOf(const nlohmann::json& list) {
        std::vector<int> ports;
        for (const nlohmann::json& opening : list) ports.push_back(opening["internal_port"]);
        return ports;
    }

    Approvals approvals_{[this] { return configuration_.approve; }};
    Lans lans_{{kLan}, true};
    FakeNeighbours neighbours_;
    HostNames names_{
        loop_, {.automatic = false}, {.neighbours = neighbours_, .lans = lans_, .clients = [] {
                                          return std::vector<IpAddress>{};
                                      }}};
    LogSwitch log_{loop_, 2, [](int) {}};
    Reloaded reloaded_;
    std::vector<std::string> done_;
    RequestTimes times_;
    Metrics metrics_{{.status = status(), .events = events_, .times = times_, .counted = [] {
                          return GatewayStatus{};
                      }}};
};

}  // namespace igd
