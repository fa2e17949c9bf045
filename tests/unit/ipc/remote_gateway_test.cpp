// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/remote_gateway.h"

#include "fake_engine.h"
#include "samples.h"

#include <gtest/gtest.h>

namespace igd::ipc {
namespace {

const GatewayReply kFailed = MappingError::Backend;

std::optional<GatewayReply> silence(const Call&) {
    return std::nullopt;
}

TimePoint in(Clock::duration time) {
    return Clock::now() + time;
}

TEST(RemoteGateway, AsksWhateverProtocolItIsAndPassesTheReplyOn) {
    std::size_t next = 0;
    FakeEngine engine{[&](const Call&) { return sample::replies().at(next++); }};
    RemoteGateway remote{engine.calls};
    const TimePoint deadline = in(Seconds{10});
    std::vector<GatewayReply> told;
    std::vector<GatewayRequest> asked = sample::requests();
    asked.resize(sample::replies().size());
    for (const GatewayRequest& request : asked)
        remote.ask(request, deadline, [&](const GatewayReply& reply) { told.push_back(reply); });
    engine.runUntil([&] { return told.size() == asked.size(); });
    EXPECT_EQ(told, sample::replies());
    for (std::size_t i = 0; i < asked.size(); ++i) {
        EXPECT_EQ(engine.seen().at(i).request, asked[i]);
        EXPECT_EQ(engine.seen().at(i).deadline, deadline);
    }
}

TEST(RemoteGateway, FailsWhenTheEngineDoesNotAnswerInTime) {
    FakeEngine engine{silence};
    RemoteGateway remote{engine.calls};
    std::optional<GatewayReply> told;
    remote.ask(sample::mapping(), in(std::chrono::milliseconds{50}),
               [&](const GatewayReply& reply) { told = reply; });
    engine.runUntil([&] { return told.has_value(); });
    EXPECT_EQ(told, kFailed);
}

TEST(RemoteGateway, LetsSoManyWaitAndHasRoomAgainAfterwards) {
    FakeEngine engine{silence};
    RemoteGateway remote{engine.calls};
    std::size_t failed = 0;
    const auto count = [&](const GatewayReply& reply) { failed += reply == kFailed ? 1 : 0; };
    const TimePoint deadline = in(Seconds{2});  // all are asked before, on a slow machine too
    for (std::size_t i = 0; i < RemoteGateway::kMostWaiting; ++i)
        remote.ask(sample::natPmpMap(), deadline, count);
    EXPECT_EQ(failed, 0U);
    remote.ask(sample::natPmpMap(), deadline, count);
    EXPECT_EQ(failed, 1U) << "one too many is refused at once";
    engine.runUntil([&] { return failed > RemoteGateway::kMostWaiting; });
    remote.ask(sample::natPmpMap(), in(Seconds{10}), count);
    engine.runUntil([&] { return engine.seen().size() > RemoteGateway::kMostWaiting; });
}

TEST(RemoteGateway, AnswersNobodyAtTheEnd) {
    FakeEngine engine{silence};
    RemoteGateway remote{engine.calls};
    const auto never = [](const GatewayReply&) { FAIL(); };
    remote.ask(sample::natPmpMap(), in(Seconds{10}), never);
    engine.calls.close();
    remote.ask(sample::mapping(), in(Seconds{10}), never);
}

}  // namespace
}  // namespace igd::ipc
