// SPDX-License-Identifier: GPL-2.0-or-later
// Has the device of one LAN advertised: starts the advertiser's process when it is wanted, again
// before what it told ages, and again when it failed.
#pragma once

#include "upnpd/supervisor/front_ends.h"
#include "upnpd/system/helper_process.h"
#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <random>
#include <string>

namespace igd {

class Advertiser {
public:
    struct Parts {
        HelperProcess::Start start;
        /// The encoded AdvertiserSetup of a run. With `byebye` ssdp:byebye comes first: control
        /// points forget an earlier start of the device.
        std::function<std::string(bool byebye)> setup;
        /// A run has ended; `error` is empty or says why nothing was advertised. It must not end
        /// this object.
        std::function<void(const std::string& error)> done;
    };

    Advertiser(boost::asio::io_context& loop, AdvertiserTimes times, Parts parts);

    /// Advertises now, or when the run that goes on has ended; from then on again and again.
    void advertise(bool byebye);
    /// Advertises nothing any more until advertise(): a run that goes on is killed.
    void halt();
    /// Looks whether the process has ended.
    void reap();
    [[nodiscard]] bool running() const { return process_.isRunning(); }

private:
    void launch();
    void reported(HelperProcess::Packet packet);
    void ended(const std::string& error);
    void wait(Clock::duration pause, void (Advertiser::*next)());
    void late();

    const AdvertiserTimes times_;
    const Parts parts_;
    boost::asio::steady_timer timer_;
    std::minstd_rand random_{std::random_device{}()};
    HelperProcess process_;
    std::string error_;    ///< of the run that goes on, should it end now
    bool wanted_ = false;  ///< another run after this one
    bool byebye_ = false;  ///< in the next run
    bool says_ = false;    ///< the run that goes on says byebye
    bool halted_ = true;
    bool discarded_ = false;  ///< how the run that goes on ends does not matter
    unsigned failures_ = 0;
};

}  // namespace igd
