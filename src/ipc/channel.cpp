// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/channel.h"

#include "upnpd/ipc/messages.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <sys/socket.h>

namespace igd::ipc {

std::pair<UniqueFd, UniqueFd> makePair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

Channel::Channel(boost::asio::io_context& loop, UniqueFd end)
    : socket_(loop, end.release()), fd_(socket_.native_handle()) {}

void Channel::receive(std::function<void(Packet)> packet, std::function<void()> closed) {
    packet_ = std::move(packet);
    closed_ = std::move(closed);
    waitForPacket();
}

void Channel::waitForPacket() {
    socket_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                       [this](boost::system::error_code error) {
                           if (!error) readPackets();
                       });
}

/// Some packets a turn, so that one busy front end does not keep the loop from the others.
void Channel::readPackets() {
    constexpr int kTurn = 64;
    std::array<std::uint8_t, kMaxMessage + 1> buffer{};
    for (int i = 0; i < kTurn; ++i) {
        const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) break;
        if (size <= 0 || static_cast<std::size_t>(size) > kMaxMessage) return lost();
        packet_(Packet{buffer}.first(static_cast<std::size_t>(size)));
        if (!open_) return;
    }
    waitForPacket();
}

void Channel::lost() {
    close();
    // The handler may end this object.
    const auto closed = std::move(closed_);
    closed();
}

bool Channel::send(Packet packet) {
    ssize_t sent = -1;
    do {
        sent = ::send(fd_, packet.data(), packet.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(packet.size());
}

void Channel::close() {
    open_ = false;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    ::shutdown(fd_, SHUT_RDWR);
}

}  // namespace igd::ipc
