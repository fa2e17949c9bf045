// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's end of a channel, a front end's table of calls, and a thread in which both live.
#pragma once

#include "upnpd/ipc/call_table.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <sys/socket.h>

namespace igd::ipc {

class FakeEngine {
public:
    /// Returns the reply to a call, or nullopt for none. Called in the loop.
    using Answering = std::function<std::optional<Reply>(const Call&)>;

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
        thread_ = std::thread{[this] { loop_.run(); }};
    }
    ~FakeEngine() {
        loop_.stop();
        thread_.join();
    }

    /// Calls `action` in the loop, and waits until it is done.
    template <class Action>
    void inLoop(Action action) {
        std::promise<void> done;
        boost::asio::post(loop_, [&] {
            action();
            done.set_value();
        });
        done.get_future().get();
    }
    void closeItsEnd() {
        boost::asio::post(loop_, [this] { engine_.close(); });
    }
    void answer(std::uint64_t id, const Reply& reply) {
        inLoop([&] { send(id, reply); });
    }
    /// Returns the calls so far, in order.
    std::vector<Call> seen() {
        const std::scoped_lock lock{mutex_};
        return seen_;
    }

private:
    void called(Channel::Packet packet) {
        const Call call = std::get<Call>(decodeToEngine(packet).value());
        {
            const std::scoped_lock lock{mutex_};
            seen_.push_back(call);
        }
        if (const auto reply = answering_(call)) send(call.id, *reply);
    }
    void send(std::uint64_t id, const Reply& reply) {
        (void)engine_.send(encode(ToFrontEnd{Answer{id, reply}}).value());
    }

    boost::asio::io_context loop_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ =
        boost::asio::make_work_guard(loop_);
    std::pair<UniqueFd, UniqueFd> ends_ = makePair();
    Answering answering_;
    Channel engine_;
    Channel channel_;
    std::mutex mutex_;
    std::vector<Call> seen_;
    std::thread thread_;

public:
    CallTable calls;
};

}  // namespace igd::ipc
