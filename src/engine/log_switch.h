// SPDX-License-Identifier: GPL-2.0-or-later
// Says how talkative the log is: as the configuration has it, or otherwise for a while.
#pragma once

#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>

namespace igd {

class LogSwitch {
public:
    /// `configured` is the configuration's debug_mode. `tell` is called with each new one, once the
    /// log of this process has it.
    LogSwitch(boost::asio::io_context& loop, int configured, std::function<void(int)> tell);

    /// The configuration has that one from now on.
    void configure(int debugMode);
    /// That one counts until `duration` is over; nullopt: until the next change.
    void set(int debugMode, std::optional<Seconds> duration);
    /// Returns the one that counts.
    [[nodiscard]] int debugMode() const { return present_; }
    /// Nothing changes any more by itself.
    void stop() { end_.cancel(); }

private:
    void change(int debugMode);

    std::function<void(int)> tell_;
    boost::asio::steady_timer end_;
    int configured_;
    int present_;
};

}  // namespace igd
