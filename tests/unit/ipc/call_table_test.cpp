// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/call_table.h"

#include "fake_engine.h"
#include "samples.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace igd::ipc {
namespace {

constexpr std::chrono::milliseconds kSoon{50};
const Reply kFailed = MappingError::Backend;

TimePoint in(Clock::duration time) {
    return Clock::now() + time;
}

std::optional<Reply> done(const Call&) {
    return Done{};
}

std::optional<Reply> silence(const Call&) {
    return std::nullopt;
}

TEST(CallTable, CarriesEachCallWithItsDeadlineAndAnIdOfItsOwn) {
    FakeEngine engine{done};
    const TimePoint deadline = in(Seconds{10});
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i)
        callers.emplace_back([&] {
            for (std::uint32_t index = 0; index < 50; ++index)
                EXPECT_EQ(engine.calls.askAndWait(MappingAt{index, {}}, deadline), Reply{Done{}});
        });
    for (auto& caller : callers) caller.join();
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
    EXPECT_EQ(engine.calls.askAndWait(GetStatus{}, deadline), kFailed);
    EXPECT_GE(Clock::now(), deadline + FakeEngine::kGrace);
}

TEST(CallTable, IgnoresAnAnswerThatComesTooLate) {
    FakeEngine engine{silence};
    int answers = 0;
    std::promise<void> failed;
    engine.calls.ask(GetStatus{}, in(kSoon), [&](const Reply& reply) {
        EXPECT_EQ(reply, kFailed);
        ++answers;
        failed.set_value();
    });
    failed.get_future().get();
    engine.answer(engine.seen().at(0).id, Done{});
    engine.answer(12345, Done{});
    engine.inLoop([&] { EXPECT_EQ(answers, 1); });
}

TEST(CallTable, AnswersEachCallByItselfWhateverTheOrder) {
    FakeEngine engine{silence};
    std::promise<Reply> first;
    std::promise<Reply> second;
    engine.calls.ask(MappingAt{1, {}}, in(Seconds{10}),
                     [&](const Reply& r) { first.set_value(r); });
    engine.calls.ask(MappingAt{2, {}}, in(Seconds{10}),
                     [&](const Reply& r) { second.set_value(r); });
    while (engine.seen().size() < 2) std::this_thread::yield();
    engine.answer(engine.seen()[1].id, PacketCount{2});
    EXPECT_EQ(second.get_future().get(), Reply{PacketCount{2}});
    engine.answer(engine.seen()[0].id, PacketCount{1});
    EXPECT_EQ(first.get_future().get(), Reply{PacketCount{1}});
}

TEST(CallTable, DoesNotAskWhenTheDeadlineHasPassed) {
    FakeEngine engine{done};
    EXPECT_EQ(engine.calls.askAndWait(GetStatus{}, in(-kSoon)), kFailed);
    EXPECT_EQ(engine.calls.askAndWait(MappingAt{1, {}}, in(Seconds{10})), Reply{Done{}});
    EXPECT_EQ(engine.seen().size(), 1U);
}

TEST(CallTable, DoesNotAskWhatTheEngineWouldNotRead) {
    FakeEngine engine{done};
    MappingRequest bad = sample::mapping();
    bad.internal.port = Port{0};
    EXPECT_EQ(engine.calls.askAndWait(bad, in(Seconds{10})), kFailed);
    EXPECT_EQ(engine.calls.askAndWait(sample::mapping(), in(Seconds{10})), Reply{Done{}});
    EXPECT_EQ(engine.seen().size(), 1U);
}

/// Whoever asks while the queue is full is refused, and the others are answered.
TEST(CallTable, RefusesWhatDoesNotFitIntoTheQueueAndDoesTheRest) {
    FakeEngine engine{done, {.messages = 10, .octets = 1 << 20}};
    std::atomic<int> refused = 0;
    std::atomic<int> carried = 0;
    constexpr int kCalls = 5000;
    engine.inLoop([&] {  // so that nothing is read meanwhile
        for (std::uint32_t i = 0; i < kCalls; ++i)
            engine.calls.ask(MappingAt{i, {}}, in(Seconds{10}),
                             [&](const Reply& reply) { ++(reply == kFailed ? refused : carried); });
    });
    while (refused + carried < kCalls) std::this_thread::yield();
    EXPECT_GT(refused, 0);
    EXPECT_EQ(engine.seen().size(), static_cast<std::size_t>(carried));
}

TEST(CallTable, FreesThoseWhoWaitWhenTheEngineHasGone) {
    FakeEngine engine{silence};
    engine.closeItsEnd();
    EXPECT_EQ(engine.calls.askAndWait(GetStatus{}, in(Seconds{60})), kFailed);
    while (!engine.calls.isClosed()) std::this_thread::yield();
    EXPECT_EQ(engine.calls.askAndWait(GetStatus{}, in(Seconds{60})), kFailed);
}

}  // namespace
}  // namespace igd::ipc
