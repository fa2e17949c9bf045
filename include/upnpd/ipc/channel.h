// SPDX-License-Identifier: GPL-2.0-or-later
// One end of the packet pair between engine and front end, in an event loop. What the other side
// does not read at once waits in a bounded queue, in order. Loop thread only.
#pragma once

#include "upnpd/ipc/send_queue.h"
#include "upnpd/util/unique_fd.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace igd::ipc {

/// Returns two connected ends, close-on-exec and non-blocking. Throws std::system_error.
[[nodiscard]] std::pair<UniqueFd, UniqueFd> makePair();

enum class Sent : std::uint8_t {
    Written,  ///< the kernel has it
    Queued,   ///< it is written when the other side has read earlier ones
    Full,     ///< too many wait already: this one is not sent
    Closed,   ///< the other side has gone: it is not sent
};

/// Returns whether a message is on its way.
[[nodiscard]] constexpr bool isOnItsWay(Sent sent) {
    return sent == Sent::Written || sent == Sent::Queued;
}

/// Whether a channel goes on reading while the other side does not read in turn. Of two sides, at
/// most one may stop.
enum class Reading : std::uint8_t {
    Always,
    UntilHalfFull,  ///< nothing is read while more than half of the queue is taken
};

class Channel {
public:
    using Packet = std::span<const std::uint8_t>;

    Channel(boost::asio::io_context& loop, UniqueFd end, Reading reading = Reading::Always,
            QueueBounds bounds = {});

    /// Calls `packet` for each message and `closed` once when the other side has gone (or sent more
    /// than kMaxMessage); both in the loop. Neither is called after close(). `packet` must not end
    /// this object.
    void receive(std::function<void(Packet)> packet, std::function<void()> closed);

    /// Sends `packet`, which must not be empty.
    [[nodiscard]] Sent send(Packet packet);

    /// Sends `packet` in place of an earlier one on `subject` that still waits: only the newest
    /// counts. Returns anything but Full.
    Sent sendLatest(SendQueue::Subject subject, Packet packet);

    /// Nothing is received or sent from now on; the descriptor stays until the end of this object.
    void close();

private:
    void waitForPacket();
    void readPackets();
    void waitForRoom();
    void writeQueued();
    void lost();
    [[nodiscard]] Sent writeNow(Packet packet);
    void planWriting();
    [[nodiscard]] bool mayRead();

    boost::asio::posix::stream_descriptor socket_;
    const int fd_;
    const Reading reading_;
    bool open_ = true;
    bool paused_ = false;  ///< nobody waits for a packet
    std::vector<std::uint8_t> buffer_;
    std::function<void(Packet)> packet_;
    std::function<void()> closed_;
    SendQueue queue_;
    bool writing_ = false;  ///< the loop waits for room in the socket

    /// A handler that is due already asks whether this object is still there.
    std::shared_ptr<const bool> life_ = std::make_shared<const bool>(true);
};

}  // namespace igd::ipc
