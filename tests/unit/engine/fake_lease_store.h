// SPDX-License-Identifier: GPL-2.0-or-later
// A store of leases that answers when the test says so.
#pragma once

#include "upnpd/store/lease_store.h"

#include <string>
#include <utility>
#include <vector>

namespace igd {

struct FakeLeaseStore final : LeaseStore {
    void start(Events events) override { told = std::move(events); }
    void stop(std::function<void()> done) override { done(); }
    void lead(Taken taken) override {
        calls.emplace_back("lead");
        answerLead = std::move(taken);
    }
    void follow() override { calls.emplace_back("follow"); }
    void confirm(std::function<void(bool)> answered) override {
        calls.emplace_back("confirm");
        answerConfirm = std::move(answered);
    }
    void stored(const Opening&) override {}
    void ended(const Opening&) override {}
    void keep(std::chrono::system_clock::time_point, std::uint32_t) override {}
    [[nodiscard]] std::vector<Opening> openings(TimePoint) const override { return held; }
    [[nodiscard]] Lead known() const override { return left; }
    [[nodiscard]] LeaseStoreView view() const override { return {.name = "fake"}; }
    void childEnded() override {}

    Events told{};
    Taken answerLead{};
    std::function<void(bool)> answerConfirm{};
    std::vector<std::string> calls{};
    std::vector<Opening> held{};
    Lead left{};
};

}  // namespace igd
