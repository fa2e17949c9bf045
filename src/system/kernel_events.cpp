// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel_events.h"

#include <algorithm>
#include <cerrno>
#include <limits>

#include <sys/socket.h>

namespace igd {
namespace {

/// Room for the events of a moment; the kernel's own choice is 200 kB.
constexpr int kRoom = 1 << 20;
/// Datagrams of one turn of the loop.
constexpr int kTurn = 32;

netlink::Socket openEvents(std::initializer_list<int> groups) {
    netlink::Socket socket = netlink::openSocket();
    for (const int group : groups)
        netlink::check(nl_socket_add_membership(socket.get(), group), "join");
    netlink::check(nl_socket_set_nonblocking(socket.get()), "set non-blocking");
    nl_socket_disable_auto_ack(socket.get());
    // Without the right to it, it does with less.
    (void)::setsockopt(nl_socket_get_fd(socket.get()), SOL_SOCKET, SO_RCVBUFFORCE, &kRoom,
                       sizeof kRoom);
    return socket;
}

}  // namespace

KernelEvents::KernelEvents(boost::asio::io_context& loop, std::initializer_list<int> groups,
                           Handlers handlers)
    : handlers_(std::move(handlers)),
      socket_(openEvents(groups)),
      wake_(loop, nl_socket_get_fd(socket_.get())),
      pause_(loop) {}

KernelEvents::~KernelEvents() {
    stop();
    (void)wake_.release();  // the netlink socket closes its descriptor itself
}

void KernelEvents::stop() {
    boost::system::error_code ignored;
    wake_.cancel(ignored);
    pause_.cancel();
    stopped_ = true;
}

void KernelEvents::wait() {
    wake_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                     [this](boost::system::error_code error) {
                         if (error || stopped_) return;
                         drain(kTurn);
                         if (!stopped_) wait();
                     });
}

void KernelEvents::readAll() {
    drain(std::numeric_limits<int>::max());
}

void KernelEvents::drain(int datagrams) {
    while (datagrams-- > 0 && !stopped_) {
        sockaddr_nl from{};
        socklen_t length = sizeof from;
        const ssize_t size =
            ::recvfrom(nl_socket_get_fd(socket_.get()), buffer_.data(), buffer_.size(),
                       MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&from), &length);
        if (size >= 0) {
            if (from.nl_pid == 0) read(static_cast<int>(size));  // the kernel's, nobody else's
        } else if (errno == ENOBUFS) {
            handlers_.lost();
        } else if (errno != EINTR) {
            return;
        }
    }
}

void KernelEvents::read(int size) {
    auto* message = reinterpret_cast<nlmsghdr*>(buffer_.data());
    for (; nlmsg_ok(message, size) != 0 && !stopped_; message = nlmsg_next(message, &size))
        handlers_.read(*message);
}

bool KernelEvents::send(nl_msg& message) {
    return nl_send_auto(socket_.get(), &message) >= 0;
}

void KernelEvents::planLook(Clock::duration pause) {
    if (planned_ || stopped_) return;
    planned_ = true;
    pause_.expires_at(std::max(Clock::now(), lookedAt_ + pause));
    pause_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        planned_ = false;
        handlers_.look();
    });
}

}  // namespace igd
