// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/remote_port_mapping.h"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace igd::ipc {
namespace {

/// An engine that answers each call for an index with a mapping of that port, and for 0 with an
/// error.
class RemotePortMappingTest : public testing::Test {
protected:
    RemotePortMappingTest() {
        engine.receive([this](Channel::Packet packet) { answer(packet); }, [] {});
        frontEnd.receive(
            [this](Channel::Packet packet) {
                remote.answered(std::get<Answer>(decodeToFrontEnd(packet).value()));
            },
            [this] { remote.close(); });
        thread = std::thread{[this] { loop.run(); }};
    }
    ~RemotePortMappingTest() override {
        boost::asio::post(loop, [this] {
            engine.close();
            frontEnd.close();
        });
        loop.stop();
        thread.join();
    }

    void answer(Channel::Packet packet) {
        const auto message = decodeToEngine(packet);
        const Call& call = std::get<Call>(message.value());
        const auto index = static_cast<std::uint16_t>(std::get<MappingAt>(call.request).index);
        Reply reply = MappingError::IndexOutOfRange;
        if (index != 0)
            reply = MappingView{
                {Protocol::Tcp, Port{index}}, {}, {Ipv4Address{1}, Port{1}}, true, "", {}};
        ASSERT_TRUE(engine.send(encode(ToFrontEnd{Answer{call.id, reply}})));
    }

    boost::asio::io_context loop;
    std::pair<UniqueFd, UniqueFd> ends = makePair();
    Channel engine{loop, std::move(ends.first)};
    Channel frontEnd{loop, std::move(ends.second)};
    RemotePortMapping remote{frontEnd};
    std::thread thread;
};

TEST_F(RemotePortMappingTest, GivesEachCallerItsOwnAnswer) {
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

TEST_F(RemotePortMappingTest, PassesErrorsOn) {
    EXPECT_EQ(remote.portMappingAt(0, {}).error(), MappingError::IndexOutOfRange);
}

TEST_F(RemotePortMappingTest, FailsAtOnceWhenTheEngineHasGone) {
    boost::asio::post(loop, [this] { engine.close(); });
    // The first call may still find the channel open and wait: it must be freed all the same.
    EXPECT_EQ(remote.status().error(), MappingError::Backend);
    EXPECT_EQ(remote.addPortMapping({}).error(), MappingError::Backend);
}

}  // namespace
}  // namespace igd::ipc
