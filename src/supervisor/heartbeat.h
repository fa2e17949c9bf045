// SPDX-License-Identifier: GPL-2.0-or-later
// Tells whether the process at the other end of a channel still lives: one that hangs reads nothing
// and answers nothing, and would be believed to serve its LAN for ever.
#pragma once

#include "upnpd/supervisor/front_ends.h"
#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <optional>

namespace igd {

class Heartbeat {
public:
    /// `ping` sends the question that the process answers; `dead` is called once when no answer has
    /// come in time. Both are called in the loop.
    Heartbeat(boost::asio::io_context& loop, HeartbeatTimes times, std::function<void()> ping,
              std::function<void()> dead);

    /// The process begins.
    void begin();
    /// Something was sent to the process.
    void sent();
    /// Something has come from the process.
    void heard();
    /// Nothing is expected of it any more.
    void stop();

private:
    enum class Waits : std::uint8_t { ForNextPing, AfterSending, ForAnswer };
    void wait(Waits what, Clock::duration time);
    void due();

    const HeartbeatTimes times_;
    const std::function<void()> ping_;
    const std::function<void()> dead_;
    boost::asio::steady_timer timer_;
    Waits waits_ = Waits::ForNextPing;
    bool running_ = false;
    bool heard_ = false;                   ///< since the timer was set
    std::optional<TimePoint> unanswered_;  ///< since then something was sent, and nothing heard
};

}  // namespace igd
