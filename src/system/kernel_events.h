// SPDX-License-Identifier: GPL-2.0-or-later
// A socket on which the kernel tells what happens to its network configuration, and the pauses
// after which the whole is looked at. Of the loop thread.
#pragma once

#include "netlink.h"

#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <functional>
#include <initializer_list>

namespace igd {

class KernelEvents {
public:
    struct Handlers {
        std::function<void(nlmsghdr&)> read;  ///< a message of the kernel's
        std::function<void()> look;           ///< the look that was planned is due
        std::function<void()> lost;           ///< messages were lost
    };

    /// Hears what the kernel tells those `groups` (RTNLGRP_...). Throws std::system_error.
    KernelEvents(boost::asio::io_context& loop, std::initializer_list<int> groups,
                 Handlers handlers);
    ~KernelEvents();
    KernelEvents(const KernelEvents&) = delete;
    KernelEvents& operator=(const KernelEvents&) = delete;

    /// Begins to read in the loop.
    void start() { wait(); }
    /// Reads what there is, now.
    void readAll();
    /// Returns whether the kernel took `message`; what it answers is read as events are.
    bool send(nl_msg& message);

    /// Has `look` called at once, or when the last look is `pause` old. A plan that is there
    /// already stays.
    void planLook(Clock::duration pause);
    /// Says that there was a look just now.
    void looked() { lookedAt_ = Clock::now(); }

    /// No more calls.
    void stop();

private:
    void wait();
    void drain(int datagrams);
    void read(int size);

    Handlers handlers_;
    netlink::Socket socket_;
    boost::asio::posix::stream_descriptor wake_;
    boost::asio::steady_timer pause_;
    TimePoint lookedAt_{};
    alignas(nlmsghdr) std::array<char, 32768> buffer_{};
    bool planned_ = false;
    bool stopped_ = false;
};

}  // namespace igd
