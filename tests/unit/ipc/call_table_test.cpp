// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/call_table.h"

#include "fake_engine.h"
#include "samples.h"

#include <gtest/gtest.h>

#include <set>

namespace igd::ipc {
namespace {

constexpr std::chrono::milliseconds kSoon{50};
const GatewayReply kFailed = MappingError::Backend;

TimePoint in(Clock::duration time) {
    return Clock::now() + time;
}

std::optional<GatewayReply> done(const Call&) {
    return Done{};
}

std::optional<GatewayReply> silence(const Call&) {
    return std::nullopt;
}

TEST(CallTable, CarriesEachCallWithItsDeadlineAndAnIdOfItsOwn) {
    FakeEngine engine{done};
    const TimePoint deadline = in(Seconds{10});
    int answers = 0;
    for (std::uint32_t index = 0; index < 200; ++index)
        engine.calls.ask(MappingAt{index, {}}, deadline, [&](const GatewayReply& reply) {
            EXPECT_EQ(reply, GatewayReply{Done{}});
            ++answers;
        });
    EXPECT_EQ(answers, 0) << "nobody waits";
    engine.runUntil([&] { return answers == 200; });
    std::set<std::uint64_t> ids;
    for (const Call& call : engine.seen()) {
        ids.insert(call.id);
        EXPECT_EQ(call.deadline, deadline);
    }
    EXPECT_EQ(ids.size(), 200U);
}

TEST(CallTable, GivesUpAfterTheDeadlineAndAGrace) {
    FakeEngine engine{silence};
    const TimePoint deadline = in(kSoon);
    EXPECT_EQ(engine.replyTo(GetStatus{}, deadline), kFailed);
    EXPECT_GE(Clock::now(), deadline + FakeEngine::kGrace);
}

TEST(CallTable, IgnoresAnAnswerThatComesTooLate) {
    FakeEngine engine{silence};
    int answers = 0;
    engine.calls.ask(GetStatus{}, in(kSoon), [&](const GatewayReply& reply) {
        EXPECT_EQ(reply, kFailed);
        ++answers;
    });
    engine.runUntil([&] { return answers == 1; });
    engine.answer(engine.seen().at(0).id, Done{});
    engine.answer(12345, Done{});
    EXPECT_EQ(engine.replyTo(GetStatus{}, in(kSoon)), kFailed) << "both have been read by then";
    EXPECT_EQ(answers, 1);
}

TEST(CallTable, AnswersEachCallByItselfWhateverTheOrder) {
    FakeEngine engine{silence};
    std::vector<GatewayReply> told;
    const auto tell = [&](const GatewayReply& reply) { told.push_back(reply); };
    engine.calls.ask(MappingAt{1, {}}, in(Seconds{10}), tell);
    engine.calls.ask(MappingAt{2, {}}, in(Seconds{10}), tell);
    engine.runUntil([&] { return engine.seen().size() == 2; });
    engine.answer(engine.seen()[1].id, PacketCount{2});
    engine.answer(engine.seen()[0].id, PacketCount{1});
    engine.runUntil([&] { return told.size() == 2; });
    EXPECT_EQ(told, (std::vector<GatewayReply>{PacketCount{2}, PacketCount{1}}));
}

TEST(CallTable, DoesNotAskWhenTheDeadlineHasPassed) {
    FakeEngine engine{done};
    EXPECT_EQ(engine.replyTo(GetStatus{}, in(-kSoon)), kFailed);
    EXPECT_EQ(engine.replyTo(MappingAt{1, {}}, in(Seconds{10})), GatewayReply{Done{}});
    EXPECT_EQ(engine.seen().size(), 1U);
}

TEST(CallTable, DoesNotAskWhatTheEngineWouldNotRead) {
    FakeEngine engine{done};
    MappingRequest bad = sample::mapping();
    bad.internal.port = Port{0};
    EXPECT_EQ(engine.replyTo(bad, in(Seconds{10})), kFailed);
    EXPECT_EQ(engine.replyTo(sample::mapping(), in(Seconds{10})), GatewayReply{Done{}});
    EXPECT_EQ(engine.seen().size(), 1U);
}

/// Whoever asks while the queue is full is refused, and the others are answered.
TEST(CallTable, RefusesWhatDoesNotFitIntoTheQueueAndDoesTheRest) {
    FakeEngine engine{done, {.messages = 10, .octets = 1 << 20}};
    int refused = 0;
    int carried = 0;
    constexpr int kCalls = 5000;
    for (std::uint32_t i = 0; i < kCalls; ++i)
        engine.calls.ask(MappingAt{i, {}}, in(Seconds{10}), [&](const GatewayReply& reply) {
            ++(reply == kFailed ? refused : carried);
        });
    EXPECT_GT(refused, 0);
    engine.runUntil([&] { return refused + carried == kCalls; });
    EXPECT_EQ(engine.seen().size(), static_cast<std::size_t>(carried));
}

TEST(CallTable, FreesThoseWhoWaitWhenTheEngineHasGone) {
    FakeEngine engine{silence};
    engine.closeItsEnd();
    EXPECT_EQ(engine.replyTo(GetStatus{}, in(Seconds{60})), kFailed);
    engine.runUntil([&] { return engine.calls.isClosed(); });
    EXPECT_EQ(engine.replyTo(GetStatus{}, in(Seconds{60})), kFailed);
}

}  // namespace
}  // namespace igd::ipc
