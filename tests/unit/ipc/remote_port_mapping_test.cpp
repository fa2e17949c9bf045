// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/remote_port_mapping.h"

#include "fake_engine.h"
#include "samples.h"

#include <gtest/gtest.h>

namespace igd::ipc {
namespace {

/// Answers each call for an index with a mapping of that port, and for 0 with an error.
std::optional<Reply> portOfIndex(const Call& call) {
    const auto index = static_cast<std::uint16_t>(std::get<MappingAt>(call.request).index);
    if (index == 0) return MappingError::IndexOutOfRange;
    MappingView view = sample::view();
    view.key.externalPort = Port{index};
    return view;
}

/// A mapping at every second port of the range, as many as fit in one message.
std::optional<Reply> everySecondPort(const Call& call) {
    const RangeRequest& range = std::get<ListMappings>(call.request).range;
    MappingViews page;
    for (unsigned port = (range.ports.first.value + 1U) / 2 * 2;
         port <= range.ports.last.value && page.views.size() < kMaxListed; port += 2) {
        page.views.push_back(sample::view());
        page.views.back().key.externalPort = Port{static_cast<std::uint16_t>(port)};
    }
    if (page.views.empty()) return MappingError::NotFound;
    return page;
}

TEST(RemotePortMapping, GivesEachCallerItsOwnAnswer) {
    FakeEngine engine{portOfIndex};
    RemotePortMapping remote{engine.calls};
    std::vector<std::thread> callers;
    for (std::uint32_t caller = 1; caller <= 8; ++caller)
        callers.emplace_back([&, caller] {
            for (std::uint32_t i = 0; i < 200; ++i) {
                const auto view = remote.portMappingAt(caller * 1000 + i, {});
                ASSERT_TRUE(view);
                EXPECT_EQ(view->key.externalPort.value, caller * 1000 + i);
            }
        });
    for (auto& caller : callers) caller.join();
}

TEST(RemotePortMapping, AsksForEachFunctionWhatItSays) {
    FakeEngine engine{[](const Call&) { return Reply{Done{}}; }};
    RemotePortMapping remote{engine.calls};
    const IpAddress host = sample::kClient6;
    EXPECT_TRUE(remote.addPortMapping(sample::mapping()));
    EXPECT_FALSE(remote.addAnyPortMapping(sample::mapping())) << "that was no answer to it";
    EXPECT_TRUE(remote.deletePortMapping({sample::kKey, {}, sample::kClient}));
    EXPECT_TRUE(remote.deletePortMappings(sample::range()));
    EXPECT_FALSE(remote.portMapping(sample::kKey, sample::kClient));
    EXPECT_FALSE(remote.addPinhole(sample::pinhole()));
    EXPECT_TRUE(remote.updatePinhole(7, Seconds{60}, host));
    EXPECT_TRUE(remote.deletePinhole(7, host));
    EXPECT_FALSE(remote.pinholePackets(7, host));
    EXPECT_FALSE(remote.outboundTimeout(Protocol::Udp));
    EXPECT_EQ(remote.status().error(), MappingError::Backend);
    const std::vector<Request> expected{sample::mapping(),
                                        AnyMappingRequest{sample::mapping()},
                                        ReleaseRequest{sample::kKey, {}, sample::kClient},
                                        DeleteMappings{sample::range()},
                                        FindMapping{sample::kKey, sample::kClient},
                                        sample::pinhole(),
                                        PinholeUpdate{7, Seconds{60}, host},
                                        PinholeRelease{7, host},
                                        CountPinhole{7, host},
                                        GetOutboundTimeout{Protocol::Udp},
                                        GetStatus{}};
    std::vector<Request> asked;
    for (const Call& call : engine.seen()) asked.push_back(call.request);
    EXPECT_EQ(asked, expected);
}

TEST(RemotePortMapping, PassesErrorsOn) {
    FakeEngine engine{portOfIndex};
    RemotePortMapping remote{engine.calls};
    EXPECT_EQ(remote.portMappingAt(0, {}).error(), MappingError::IndexOutOfRange);
}

TEST(RemotePortMapping, ListsPageByPageWithOneDeadline) {
    FakeEngine engine{everySecondPort};
    RemotePortMapping remote{engine.calls};
    const auto listed = remote.portMappings({Protocol::Tcp, {Port{1}, Port{200}}, false, {}}, 1000);
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 100U);
    EXPECT_EQ(listed->back().key.externalPort, Port{200});
    const auto seen = engine.seen();
    EXPECT_EQ(seen.size(), 3U);
    for (const Call& call : seen) EXPECT_EQ(call.deadline, seen[0].deadline);
    EXPECT_EQ(remote.portMappings({Protocol::Tcp, {Port{1}, Port{200}}, false, {}}, 50)->size(),
              50U);
    EXPECT_EQ(remote.portMappings({Protocol::Tcp, {Port{1}, Port{1}}, false, {}}, 50).error(),
              MappingError::NotFound);
}

TEST(RemotePortMapping, FailsWhenTheEngineDoesNotAnswerInTime) {
    FakeEngine engine{[](const Call&) { return std::optional<Reply>{}; }};
    RemotePortMapping remote{engine.calls, std::chrono::milliseconds{50}};
    EXPECT_EQ(remote.addPortMapping(sample::mapping()).error(), MappingError::Backend);
}

TEST(RemotePortMapping, FailsAtOnceWhenTheEngineHasGone) {
    FakeEngine engine{[](const Call&) { return std::optional<Reply>{}; }};
    RemotePortMapping remote{engine.calls, Seconds{60}};
    engine.closeItsEnd();
    // The first call may still find the channel open and wait: it must be freed all the same.
    EXPECT_EQ(remote.status().error(), MappingError::Backend);
    EXPECT_EQ(remote.addPortMapping(sample::mapping()).error(), MappingError::Backend);
}

}  // namespace
}  // namespace igd::ipc
