// SPDX-License-Identifier: GPL-2.0-or-later
// One end of the packet pair between engine and front end, in an event loop.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <utility>

namespace igd::ipc {

/// Two connected ends, close-on-exec and non-blocking. Throws std::system_error.
[[nodiscard]] std::pair<UniqueFd, UniqueFd> makePair();

class Channel {
public:
    using Packet = std::span<const std::uint8_t>;

    Channel(boost::asio::io_context& loop, UniqueFd end);

    /// Calls `packet` for each message and `closed` once when the other side has gone (or sent more
    /// than kMaxMessage); both in the loop. Neither is called after close().
    void receive(std::function<void(Packet)> packet, std::function<void()> closed);

    /// Any thread. False when the other side has gone, or does not read.
    [[nodiscard]] bool send(Packet packet);

    /// Nothing is received or sent from now on; a sender on another thread fails, the descriptor
    /// stays until the end of this object.
    void close();

private:
    void waitForPacket();
    void readPackets();
    void lost();

    boost::asio::posix::stream_descriptor socket_;
    const int fd_;
    bool open_ = true;  ///< loop only
    std::function<void(Packet)> packet_;
    std::function<void()> closed_;
};

}  // namespace igd::ipc
