// SPDX-License-Identifier: GPL-2.0-or-later
// One descriptor for the event loop, whichever socket the connection to the bus has at the time: it
// is readable when that socket is ready, or a time has come.
#pragma once

#include "upnpd/util/time.h"

#include <optional>

namespace igd::firewall {

class BusWake {
public:
    /// Throws std::system_error.
    BusWake();
    BusWake(const BusWake&) = delete;
    BusWake& operator=(const BusWake&) = delete;
    ~BusWake();

    [[nodiscard]] int descriptor() const { return epoll_; }
    /// Watches `socket`, which is somebody else's, from now on; -1: none.
    void watch(int socket);
    /// Waits for `events` of poll(2) on the socket, and for `time`.
    void arm(int events, std::optional<TimePoint> time);
    /// Takes note that the time has come.
    void drain();

private:
    int epoll_;
    int timer_;
    int socket_ = -1;
};

}  // namespace igd::firewall
