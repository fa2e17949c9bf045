// SPDX-License-Identifier: GPL-2.0-or-later
// The word to the service manager, as sd_notify(3) describes it: one datagram, lines of NAME=value.
#pragma once

#include "upnpd/util/time.h"
#include "upnpd/util/unique_fd.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>
#include <sys/un.h>

namespace igd {

/// The socket of the service manager, and what it wants to hear. Where there is none nothing is
/// sent.
class ServiceManager {
public:
    /// Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that no
    /// process which this one starts has them. To be made before a fork: WATCHDOG_PID names the
    /// process that was started.
    ServiceManager();

    /// There is one.
    [[nodiscard]] bool present() const { return addressSize_ != 0; }

    /// Sends `state` as one datagram; false when there is no service manager, or it was not to be
    /// told (then the log says so once, until it works again). Waits a quarter of a second at most.
    bool tell(const std::string& state) const;

    /// READY=1; after a fork with MAINPID=, the process that serves now. At the start, and after
    /// reloading().
    void ready() const;

    /// STOPPING=1
    void stopping() const;

    /// RELOADING=1 with the time that systemd from 253 on asks for; to be followed by ready().
    void reloading() const;

    /// In which WATCHDOG=1 has to come again; nullopt: nobody waits for it.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

private:
    sockaddr_un address_{};
    socklen_t addressSize_ = 0;  ///< 0: there is none
    UniqueFd socket_;
    std::optional<std::chrono::microseconds> watchdog_;
    pid_t started_;
    mutable bool failing_ = false;
};

/// What an event loop sends while it runs: WATCHDOG=1 at half the interval, by a timer of that very
/// loop, so that it stays away when the loop hangs; and STATUS=.
class ServiceReport {
public:
    /// `describe` gives the status in one line; it is called by the loop.
    ServiceReport(boost::asio::io_context& loop, const ServiceManager& manager,
                  std::function<std::string()> describe);

    /// Begins with both.
    void start();

    /// The status may be another now: it is sent if it is, once a second at most. Costs next to
    /// nothing.
    void changed();

    /// The status is no longer sent; the watchdog is, for as long as the loop runs.
    void stopStatus();

private:
    void feedWatchdog();
    void sendStatus();

    const ServiceManager& manager_;
    std::function<std::string()> describe_;
    boost::asio::steady_timer watchdog_;
    boost::asio::steady_timer status_;
    TimePoint nextStatus_{};
    std::string sent_;
    bool started_ = false;
    bool planned_ = false;
};

}  // namespace igd
