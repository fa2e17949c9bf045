// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/admin/server.h"

#include "address.h"

#include "upnpd/admin/client.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <list>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

using boost::asio::posix::stream_descriptor;

constexpr std::size_t kMostConnections = 16;
constexpr int kBacklog = 8;
constexpr int kRoomForAnswers = 1 << 18;  // octets; the kernel takes them as they are needed
constexpr mode_t kNotExecutable = 0111;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why) {
    throw std::runtime_error(fmt::format("control socket {}: {}", path.string(), why));
}

/// Nothing but a socket can be one that a killed daemon left.
void removeLeftSocket(const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return;
    if (!S_ISSOCK(status.st_mode)) fail(path, "is there already and is no socket");
    ::unlink(path.c_str());
}

UniqueFd openListener(const std::filesystem::path& path) {
    const auto address = control::addressOf(path.native());
    if (!address) fail(path, "the path is too long");
    if (ControlClient::connect(path)) fail(path, "another upnpd listens there");
    removeLeftSocket(path);
    UniqueFd socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    // Anybody may connect from the start: a chmod() later could follow a link that has taken the
    // socket's place.
    const mode_t mask = ::umask(kNotExecutable);
    const bool bound = socket && ::bind(socket.get(), address->get(), address->size) == 0;
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
    Impl(boost::asio::io_context& loop, ControlHandler handler)
        : loop_(loop), handler_(std::move(handler)) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() {
        for (const auto& path : paths_) ::unlink(path.c_str());
    }

    void listenAt(std::filesystem::path path) {
        listenOn(openListener(path));
        paths_.push_back(std::move(path));
    }

    void listenOn(UniqueFd listener) {
        listeners_.emplace_back(loop_, listener.release());
        await(listeners_.back());
    }

private:
    struct Connection {
        stream_descriptor socket;
        bool mayChange;
        bool isAwaited = false;  ///< for its next request, or its end
    };
    using ConnectionPointer = std::shared_ptr<Connection>;

    void await(stream_descriptor& listener) {
        listener.async_wait(stream_descriptor::wait_read,
                            [this, &listener](boost::system::error_code error) {
                                if (error) return;
                                accept(listener.native_handle());
                                await(listener);
                            });
    }

    void accept(int listener) {
        const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) return;
        // Whoever watches may be told much in a moment; CAP_NET_ADMIN gives the room.
        ::setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &kRoomForAnswers, sizeof kRoomForAnswers);
        // A caller that connects and says nothing must not keep others out.
        if (connections_.size() == kMostConnections) connections_.pop_front();
        connections_.push_back(
            std::make_shared<Connection>(Connection{stream_descriptor{loop_, fd}, mayChange(fd)}));
        await(connections_.back());
    }

    /// Only the list keeps a connection: one that it has dropped is closed, and nothing is read
    /// from or sent to it any more.
    void await(const ConnectionPointer& connection) {
        if (std::exchange(connection->isAwaited, true)) return;
        connection->socket.async_wait(
            stream_descriptor::wait_read,
            [this, kept = std::weak_ptr{connection}](boost::system::error_code error) {
                const auto here = kept.lock();
                if (!here || error) return;
                here->isAwaited = false;
                serve(here);
            });
    }

    void serve(const ConnectionPointer& connection) {
        std::array<char, kMaxControlRequest + 1> request{};
        const int fd = connection->socket.native_handle();
        const ssize_t size = ::recv(fd, request.data(), request.size(), 0);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) return await(connection);
        if (size <= 0 || static_cast<std::size_t>(size) > kMaxControlRequest) {
            connections_.remove(connection);
            return;
        }
        handler_({request.data(), static_cast<std::size_t>(size)}, connection->mayChange,
                 [this, kept = std::weak_ptr{connection}](const std::string& answer) {
                     const auto here = kept.lock();
                     return here && send(here, answer);
                 });
    }

    /// A caller that does not read its answers loses the connection and never holds up the engine.
    bool send(const ConnectionPointer& connection, const std::string& answer) {
        const int fd = connection->socket.native_handle();
        if (::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) {
            connections_.remove(connection);
            return false;
        }
        await(connection);
        return true;
    }

    boost::asio::io_context& loop_;
    ControlHandler handler_;
    std::vector<std::filesystem::path> paths_;
    std::list<stream_descriptor> listeners_;
    std::list<ConnectionPointer> connections_;
};

ControlServer::ControlServer(boost::asio::io_context& loop, ControlHandler handler)
    : impl_(std::make_unique<Impl>(loop, std::move(handler))) {}

ControlServer::~ControlServer() = default;

void ControlServer::listenAt(std::filesystem::path path) {
    impl_->listenAt(std::move(path));
}

void ControlServer::listenOn(UniqueFd listener) {
    impl_->listenOn(std::move(listener));
}

}  // namespace igd
