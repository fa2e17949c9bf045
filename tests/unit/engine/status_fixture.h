// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "fake_interfaces.h"
#include "fakes.h"
#include "status_json.h"

namespace igd {

/// An engine whose status can be told.
class StatusTest : public EngineTest {
protected:
    static inline const InterfaceName kWan = *InterfaceName::parse("ppp0");

    void has(const std::vector<Opening>& openings) {
        ASSERT_TRUE(openings_.restore(openings, Clock::now()));
    }
    StatusParts status() {
        return {.openings = openings_,
                .configuration = configuration_,
                .repairs = repairs_,
                .reloader = reloader_,
                .firewall = firewall_,
                .external = external_,
                .served = [this] { return served_; },
                .since = Clock::now() - 90min};
    }

    Repairs repairs_{loop_, {[](TimePoint) { return Result<void>{}; }, [] { return ""; }}};
    FakeInterfaces interfaces_;
    ExternalConnection external_{loop_, Wan{interfaces_, kWan, {}, {}}, [] {}};
    std::vector<FrontEnds::Served> served_;
    Configuration configuration_{Settings{}, kWan, {*InterfaceName::parse("lan0")}, {}, "/x.conf"};
    Reloader reloader_{configuration_, {}};
};

}  // namespace igd
