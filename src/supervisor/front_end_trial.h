// SPDX-License-Identifier: GPL-2.0-or-later
// A front end that opens its sockets beside the one that serves, tells what it cannot have, and
// ends: so that settings are known to work before the old ones go.
#pragma once

#include "upnpd/ipc/messages.h"
#include "upnpd/system/helper_process.h"
#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <string>
#include <vector>

namespace igd {

class FrontEndTrial {
public:
    struct Outcome {
        std::vector<SocketProblem> problems;
        std::string error;  ///< why it serves nothing; empty: it does
    };
    struct Parts {
        HelperProcess::Start start;
        std::string setup;  ///< the encoded FrontEndSetup
        std::chrono::milliseconds patience;
        /// It is over. Not called when the process could not be started. It must not end this
        /// object.
        std::function<void()> over;
    };
    FrontEndTrial(boost::asio::io_context& loop, Parts parts);

    /// Looks whether the process has ended.
    void reap();
    [[nodiscard]] bool running() const { return process_.isRunning() || listening_; }
    /// Returns what it came to; to be asked when it runs no more.
    [[nodiscard]] const Outcome& outcome() const { return outcome_; }

private:
    void received(HelperProcess::Packet packet);
    void lost();
    void settle();
    void kill();

    const Parts parts_;
    boost::asio::steady_timer timer_;
    HelperProcess process_;
    bool listening_ = false;  ///< something may come from the process still
    Outcome outcome_{{}, "its front end ended before it was ready"};
};

}  // namespace igd
