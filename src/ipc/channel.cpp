// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/channel.h"

#include "upnpd/ipc/messages.h"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/socket.h>

namespace igd::ipc {

std::pair<UniqueFd, UniqueFd> makePair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

Channel::Channel(boost::asio::io_context& loop, UniqueFd end, Reading reading, QueueBounds bounds)
    : socket_(loop, end.release()),
      fd_(socket_.native_handle()),
      reading_(reading),
      buffer_(kMaxMessage + 1),
      queue_(bounds) {}

void Channel::receive(std::function<void(Packet)> packet, std::function<void()> closed) {
    packet_ = std::move(packet);
    closed_ = std::move(closed);
    waitForPacket();
}

void Channel::waitForPacket() {
    socket_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                       [this, life = std::weak_ptr{life_}](boost::system::error_code error) {
                           if (!error && !life.expired() && open_) readPackets();
                       });
}

/// Some packets a turn, so that one busy front end does not keep the loop from the others.
void Channel::readPackets() {
    constexpr int kTurn = 64;
    for (int i = 0; i < kTurn; ++i) {
        paused_ = !mayRead();
        if (paused_) return;
        const ssize_t size = ::recv(fd_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) break;
        if (size <= 0 || static_cast<std::size_t>(size) > kMaxMessage) return lost();
        packet_(Packet{buffer_}.first(static_cast<std::size_t>(size)));
        if (!open_) return;
    }
    waitForPacket();
}

bool Channel::mayRead() {
    if (reading_ == Reading::Always) return true;
    return !queue_.isMoreThanHalfFull();
}

void Channel::lost() {
    close();
    // The handler may end this object.
    const auto closed = std::move(closed_);
    if (closed) closed();
}

/// Full: the socket has no room at present.
Sent Channel::writeNow(Packet packet) {
    ssize_t sent = -1;
    do {
        sent = ::send(fd_, packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) return Sent::Written;
    return errno == EAGAIN || errno == ENOBUFS ? Sent::Full : Sent::Closed;
}

Sent Channel::send(Packet packet) {
    if (!open_) return Sent::Closed;
    const Sent sent = queue_.isEmpty() ? writeNow(packet) : Sent::Full;
    if (sent != Sent::Full) return sent;
    if (!queue_.push(packet)) return Sent::Full;
    planWriting();
    return Sent::Queued;
}

Sent Channel::sendLatest(SendQueue::Subject subject, Packet packet) {
    if (!open_) return Sent::Closed;
    const Sent sent = queue_.isEmpty() ? writeNow(packet) : Sent::Full;
    if (sent != Sent::Full) return sent;
    queue_.pushLatest(subject, packet);
    planWriting();
    return Sent::Queued;
}

void Channel::planWriting() {
    if (!std::exchange(writing_, true)) waitForRoom();
}

void Channel::waitForRoom() {
    socket_.async_wait(boost::asio::posix::descriptor_base::wait_write,
                       [this, life = std::weak_ptr{life_}](boost::system::error_code error) {
                           if (!error && !life.expired() && open_) writeQueued();
                       });
}

void Channel::writeQueued() {
    Sent sent = Sent::Written;
    while (!queue_.isEmpty()) {
        sent = writeNow(queue_.front());
        if (sent != Sent::Written) break;
        queue_.pop();
    }
    writing_ = sent == Sent::Full;
    if (sent == Sent::Closed) return lost();
    if (sent == Sent::Full) waitForRoom();
    if (paused_) readPackets();
}

void Channel::close() {
    open_ = false;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    ::shutdown(fd_, SHUT_RDWR);
    queue_.clear();
}

}  // namespace igd::ipc
