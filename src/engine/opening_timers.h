// SPDX-License-Identifier: GPL-2.0-or-later
// What has to be done about openings when time passes: leases end, flows of PEER are kept, and the
// log tells how many lines it left out.
#pragma once

#include "upnpd/portmap/openings.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace igd {

class OpeningTimers {
public:
    OpeningTimers(boost::asio::io_context& loop, Openings& openings);

    /// Begins; something about the openings is another now.
    void changed();
    void stop();

private:
    void armExpiry();
    void endLeases();
    void armFlows();
    void armLog();

    Openings& openings_;
    boost::asio::steady_timer expiry_;
    boost::asio::steady_timer flows_;
    boost::asio::steady_timer log_;
    std::optional<TimePoint> armedFor_;
    bool flowsArmed_ = false;
    bool logArmed_ = false;
    bool stopped_ = false;
};

}  // namespace igd
