// SPDX-License-Identifier: GPL-2.0-or-later
// When a change is announced: at once and nine times more, each pause twice as long as the one
// before (RFC 6886 section 3.2.1, RFC 6887 section 14.1.3).
#pragma once

#include "upnpd/util/time.h"

#include <boost/asio/steady_timer.hpp>

#include <functional>

namespace igd::portcontrol {

class Announcer {
public:
    Announcer(boost::asio::io_context& loop, std::function<void()> announce)
        : timer_(loop), announce_(std::move(announce)) {}

    /// Ends the burst that is on its way and begins another.
    void start();

private:
    void next(unsigned sent);

    boost::asio::steady_timer timer_;
    std::function<void()> announce_;
};

}  // namespace igd::portcontrol
