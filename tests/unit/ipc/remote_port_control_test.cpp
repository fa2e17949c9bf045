// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/remote_port_control.h"

#include "fake_engine.h"
#include "samples.h"

#include <gtest/gtest.h>

namespace igd::ipc {
namespace {

const PortGrant kGrant{Port{7}, sample::kRemote, Seconds{60}};
const PortAnswer kFailed = refuse(MappingError::Backend);

/// A grant for MAP, a refusal for a release, and for PEER a reply of another kind.
std::optional<Reply> replyTo(const Call& call) {
    if (std::holds_alternative<PortRequest>(call.request)) return kGrant;
    if (std::holds_alternative<PortRelease>(call.request))
        return PortRefusal{MappingError::NotAuthorized, Seconds{9}, Port{8}};
    return Done{};
}

std::optional<Reply> silence(const Call&) {
    return std::nullopt;
}

class Asker {
public:
    explicit Asker(FakeEngine::Answering answering, Clock::duration patience = kPortCallTime)
        : engine{std::move(answering)}, remote{engine.calls, patience} {}

    template <class Ask>
    PortAnswer answerTo(Ask ask) {
        std::promise<PortAnswer> told;
        engine.inLoop([&] { ask([&](const PortAnswer& answer) { told.set_value(answer); }); });
        return told.get_future().get();
    }

    FakeEngine engine;
    RemotePortControl remote;
};

TEST(RemotePortControl, AsksEachQuestionAndPassesTheAnswerOn) {
    Asker asker{replyTo};
    const auto map = [&](auto told) { asker.remote.map(sample::pcpMap(), told); };
    const auto unmap = [&](auto told) { asker.remote.unmap(sample::pcpRelease(), told); };
    const auto peer = [&](auto told) { asker.remote.peer(sample::peer(), told); };
    EXPECT_EQ(asker.answerTo(map), PortAnswer{kGrant});
    EXPECT_EQ(asker.answerTo(unmap),
              PortAnswer{refuse(MappingError::NotAuthorized, Seconds{9}, Port{8})});
    EXPECT_EQ(asker.answerTo(peer), kFailed) << "that was no answer to it";
    const auto seen = asker.engine.seen();
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0].request, Request{sample::pcpMap()});
    EXPECT_EQ(seen[1].request, Request{sample::pcpRelease()});
    EXPECT_EQ(seen[2].request, Request{sample::peer()});
    EXPECT_LE(seen[0].deadline, Clock::now() + kPortCallTime);
}

TEST(RemotePortControl, FailsWhenTheEngineDoesNotAnswerInTime) {
    Asker asker{silence, std::chrono::milliseconds{50}};
    EXPECT_EQ(asker.answerTo([&](auto told) { asker.remote.map(sample::natPmpMap(), told); }),
              kFailed);
}

TEST(RemotePortControl, LetsSoManyWaitAndHasRoomAgainAfterwards) {
    Asker asker{silence, std::chrono::milliseconds{200}};
    std::atomic<std::size_t> failed = 0;
    asker.engine.inLoop([&] {
        const auto count = [&](const PortAnswer& answer) { failed += answer == kFailed ? 1 : 0; };
        for (std::size_t i = 0; i < RemotePortControl::kMostWaiting; ++i)
            asker.remote.map(sample::natPmpMap(), count);
        EXPECT_EQ(failed, 0U);
        asker.remote.map(sample::natPmpMap(), count);
        EXPECT_EQ(failed, 1U) << "one too many is refused at once";
    });
    while (failed <= RemotePortControl::kMostWaiting) std::this_thread::yield();
    asker.engine.inLoop([&] { asker.remote.map(sample::natPmpMap(), [](const PortAnswer&) {}); });
    const auto isFull = [&] {
        return asker.engine.seen().size() > RemotePortControl::kMostWaiting;
    };
    while (!isFull()) std::this_thread::yield();
}

TEST(RemotePortControl, AnswersNobodyAtTheEnd) {
    Asker asker{silence};
    asker.engine.inLoop([&] {
        asker.remote.map(sample::natPmpMap(), [](const PortAnswer&) { FAIL(); });
        asker.engine.calls.close();
        asker.remote.map(sample::natPmpMap(), [](const PortAnswer&) { FAIL(); });
    });
}

}  // namespace
}  // namespace igd::ipc
