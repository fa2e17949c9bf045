// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/admin/server.h"

#include "address.h"

#include "upnpd/admin/client.h"
#include "upnpd/util/log.h"
#include "upnpd/util/unique_fd.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <list>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

using boost::asio::posix::stream_descriptor;

constexpr std::size_t kMostConnections = 16;
constexpr int kBacklog = 8;
constexpr mode_t kNotExecutable = 0111;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why) {
    throw std::runtime_error(fmt::format("control socket {}: {}", path.string(), why));
}

UniqueFd listenAt(const std::filesystem::path& path) {
    const auto address = control::addressOf(path);
    if (!address) fail(path, "the path is too long");
    if (ControlClient::connect(path)) fail(path, "another upnpd listens there");
    ::unlink(path.c_str());
    UniqueFd socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    // Anybody may connect from the start: a chmod() later could follow a link that has taken the
    // socket's place.
    const mode_t mask = ::umask(kNotExecutable);
    const bool bound = socket && ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address),
                                        sizeof *address) == 0;
    ::umask(mask);
    if (!bound || ::listen(socket.get(), kBacklog) != 0)
        fail(path, std::system_category().message(errno));
    return socket;
}

/// Returns whether it is a front end, which reads what strangers send, has our account and no
/// business here.
bool isOurChild(pid_t process) {
    siginfo_t state{};
    return ::waitid(P_PID, static_cast<id_t>(process), &state, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/// Returns whether the caller may change something, as the kernel knew it at connect(2).
bool mayChange(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return (peer.uid == 0 || peer.uid == ::geteuid()) && !isOurChild(peer.pid);
}

}  // namespace

class ControlServer::Impl {
public:
    Impl(boost::asio::io_context& loop, std::filesystem::path path, ControlHandler handler)
        : loop_(loop), path_(std::move(path)), handler_(std::move(handler)), listener_(loop) {
        listener_.assign(listenAt(path_).release());
        await();
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { ::unlink(path_.c_str()); }

private:
    struct Connection {
        stream_descriptor socket;
        bool mayChange;
    };
    using Connections = std::list<Connection>;

    void await() {
        listener_.async_wait(stream_descriptor::wait_read, [this](boost::system::error_code error) {
            if (error) return;
            accept();
            await();
        });
    }

    void accept() {
        const int fd =
            ::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) return;
        // A caller that connects and says nothing must not keep others out.
        if (connections_.size() == kMostConnections) connections_.pop_front();
        connections_.push_back({stream_descriptor{loop_, fd}, mayChange(fd)});
        await(std::prev(connections_.end()));
    }

    void await(Connections::iterator connection) {
        connection->socket.async_wait(stream_descriptor::wait_read,
                                      [this, connection](boost::system::error_code error) {
                                          if (error) return;  // gone from the list
                                          serve(connection);
                                      });
    }

    void serve(Connections::iterator connection) {
        std::array<char, kMaxControlRequest + 1> request{};
        const int fd = connection->socket.native_handle();
        const ssize_t size = ::recv(fd, request.data(), request.size(), 0);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) return await(connection);
        if (size <= 0 || static_cast<std::size_t>(size) > kMaxControlRequest) {
            connections_.erase(connection);
            return;
        }
        const std::string answer =
            handler_({request.data(), static_cast<std::size_t>(size)}, connection->mayChange);
        // A caller that does not read its answers loses the connection and never holds up the
        // engine.
        if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) {
            connections_.erase(connection);
            return;
        }
        await(connection);
    }

    boost::asio::io_context& loop_;
    std::filesystem::path path_;
    ControlHandler handler_;
    stream_descriptor listener_;
    Connections connections_;
};

ControlServer::ControlServer(boost::asio::io_context& loop, std::filesystem::path path,
                             ControlHandler handler)
    : impl_(std::make_unique<Impl>(loop, std::move(path), std::move(handler))) {}

ControlServer::~ControlServer() = default;

}  // namespace igd
