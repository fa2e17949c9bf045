// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's end of a channel and a front end's table of calls, in one loop that the test turns.
#pragma once

#include "upnpd/ipc/call_table.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace igd::ipc {

class FakeEngine {
public:
    /// Returns the reply to a call, or nullopt for none.
    using Answering = std::function<std::optional<GatewayReply>(const Call&)>;

    static constexpr std::chrono::milliseconds kGrace{100};

    explicit FakeEngine(Answering answering, QueueBounds bounds = {})
        : answering_(std::move(answering)),
          engine_(loop_, std::move(ends_.first)),
          channel_(loop_, std::move(ends_.second), Reading::Always, bounds),
          calls(loop_, channel_, kGrace) {
        engine_.receive([this](Channel::Packet packet) { called(packet); }, [] {});
        channel_.receive(
            [this](Channel::Packet packet) {
                calls.answered(std::get<Answer>(decodeToFrontEnd(packet).value()));
            },
            [this] { calls.close(); });
    }

    /// Turns the loop until `isOver()`.
    template <class Condition>
    void runUntil(Condition isOver) {
        const TimePoint end = Clock::now() + Seconds{10};
        while (!isOver()) ASSERT_NE(loop_.run_one_until(end), 0U) << "nothing more happens";
    }
    /// Asks and returns the reply.
    GatewayReply replyTo(const GatewayRequest& request, TimePoint deadline) {
        std::optional<GatewayReply> told;
        calls.ask(request, deadline, [&](const GatewayReply& reply) { told = reply; });
        runUntil([&] { return told.has_value(); });
        return told.value_or(PacketCount{404});
    }
    void closeItsEnd() { engine_.close(); }
    void answer(std::uint64_t id, const GatewayReply& reply) {
        (void)engine_.send(encode(ToFrontEnd{Answer{id, reply}}).value());
    }
    /// Returns the calls so far, in order.
    [[nodiscard]] const std::vector<Call>& seen() const { return seen_; }

private:
    void called(Channel::Packet packet) {
        const Call call = std::get<Call>(decodeToEngine(packet).value());
        seen_.push_back(call);
        if (const auto reply = answering_(call)) answer(call.id, *reply);
    }

    boost::asio::io_context loop_{1};
    std::pair<UniqueFd, UniqueFd> ends_ = makePair();
    Answering answering_;
    Channel engine_;
    Channel channel_;
    std::vector<Call> seen_;

public:
    CallTable calls;
};

}  // namespace igd::ipc
