// SPDX-License-Identifier: GPL-2.0-or-later
// The service manager is told of the daemon's state as sd_notify(3) describes it: one datagram,
// lines of NAME=value.
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

/// The socket of the service manager, and what it wants to be told. Without a service manager
/// nothing is sent.
class ServiceManager {
public:
    /// Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that no
    /// process which this one starts has them. It is made before a fork, because WATCHDOG_PID names
    /// the process that was started.
    ServiceManager();

    /// Returns whether there is a service manager.
    [[nodiscard]] bool present() const { return addressSize_ != 0; }

    /// Sends `state` as one datagram. Returns false when there is no service manager, or it could
    /// not be told; then the log says so once, until it works again. It waits a quarter of a second
    /// at most.
    bool tell(const std::string& state) const;

    /// Sends READY=1; after a fork also MAINPID=, the process that serves now. It is called at the
    /// start, and after reloading().
    void ready() const;

    /// Sends STOPPING=1.
    void stopping() const;

    /// Sends RELOADING=1 with the time that systemd asks for from version 253 on. A call of ready()
    /// has to follow.
    void reloading() const;

    /// Returns the time within which WATCHDOG=1 has to come again; nullopt: nobody waits for it.
    [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

private:
    sockaddr_un address_{};
    socklen_t addressSize_ = 0;  ///< 0: there is none
    UniqueFd socket_;
    std::optional<std::chrono::microseconds> watchdog_;
    pid_t started_;
    mutable bool failing_ = false;
};

/// A ServiceReport sends two things while the event loop runs: WATCHDOG=1 at half the interval, by
/// a timer of that very loop, so that it stays away when the loop hangs; and STATUS=.
class ServiceReport {
public:
    /// Takes `describe`, which the loop calls for the status in one line.
    ServiceReport(boost::asio::io_context& loop, const ServiceManager& manager,
                  std::function<std::string()> describe);

    /// Begins to send both.
    void start();

    /// Sends the status if it has changed, once a second at most. It costs next to nothing.
    void changed();

    /// Sends the status no longer, but the watchdog for as long as the loop runs.
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
