// SPDX-License-Identifier: GPL-2.0-or-later
// The timers do what openings need when time passes: leases end, flows of PEER are kept, and the
// log tells how many lines it left out.
#pragma once

#include "upnpd/portmap/openings.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <optional>

namespace igd {

class OpeningTimers {
public:
    struct Pace {
        std::chrono::milliseconds retry{1000};  ///< after the firewall refused to end something
        std::chrono::milliseconds refresh{Openings::kRefresh};  ///< of flows
    };
    OpeningTimers(boost::asio::io_context& loop, Openings& openings)
        : OpeningTimers(loop, openings, Pace{}) {}
    OpeningTimers(boost::asio::io_context& loop, Openings& openings, Pace pace);

    /// Begins; something about the openings is another now.
    void changed();
    void stop();

private:
    void armExpiry();
    void endLeases();
    void armFlows();
    void armLog();

    Openings& openings_;
    Pace pace_;
    boost::asio::steady_timer expiry_;
    boost::asio::steady_timer flows_;
    boost::asio::steady_timer log_;
    std::optional<TimePoint> armedFor_;
    bool flowsArmed_ = false;
    bool logArmed_ = false;
    bool stopped_ = false;
};

}  // namespace igd
