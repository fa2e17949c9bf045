// SPDX-License-Identifier: GPL-2.0-or-later
// Messages that wait until the other side has read earlier ones: so many, and no more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace igd::ipc {

struct QueueBounds {
    std::size_t messages = 1024;
    std::size_t octets = 1 << 20;
};

/// First in, first out. Not thread-safe.
class SendQueue {
public:
    using Packet = std::span<const std::uint8_t>;
    /// A kind of message of which only the newest counts.
    using Subject = std::size_t;

    explicit SendQueue(QueueBounds bounds) : bounds_(bounds) {}

    /// Appends `packet`. Returns false, and changes nothing, when the queue would be over a bound.
    [[nodiscard]] bool push(Packet packet);
    /// Puts `packet` where an earlier one on `subject` waits, or appends it, beyond the bounds too:
    /// there is at most one on each subject.
    void pushLatest(Subject subject, Packet packet);

    [[nodiscard]] bool isEmpty() const { return waiting_.empty(); }
    /// Returns whether more than half of the messages or octets are taken.
    [[nodiscard]] bool isMoreThanHalfFull() const;
    /// Returns the oldest message; the queue must not be empty.
    [[nodiscard]] Packet front() const { return waiting_.front().octets; }
    void pop();
    void clear();

private:
    struct Waiting {
        std::vector<std::uint8_t> octets;
        std::optional<Subject> subject;
    };
    void append(Packet packet, std::optional<Subject> subject);

    QueueBounds bounds_;
    std::deque<Waiting> waiting_;
    std::size_t octets_ = 0;  ///< of all that wait
};

}  // namespace igd::ipc
