// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/admin/client.h"

#include "address.h"

#include "upnpd/admin/server.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/socket.h>
#include <sys/time.h>

namespace igd {
namespace {

std::string messageOf(int error) {
    return std::system_category().message(error);
}

/// Returns a socket that is connected to `address`; otherwise errno says why it is not.
UniqueFd connected(const control::Address& address) {
    UniqueFd socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
    if (!socket) return {};
    if (::connect(socket.get(), address.get(), address.size) == 0) return socket;
    const int error = errno;
    socket.reset();
    errno = error;
    return {};
}

}  // namespace

tl::expected<ControlClient, std::string> ControlClient::connect(const std::filesystem::path& path) {
    const auto address = control::addressOf(path.native());
    if (!address)
        return tl::unexpected(
            fmt::format("{} is too long for the path of a socket", path.string()));
    UniqueFd socket = connected(*address);
    if (socket) return ControlClient{std::move(socket)};
    if (errno == ENOENT || errno == ECONNREFUSED)
        return tl::unexpected(
            fmt::format("upnpd is not running (nobody listens at {})", path.string()));
    return tl::unexpected(fmt::format("{}: {}", path.string(), messageOf(errno)));
}

std::optional<ControlClient> ControlClient::connectAbstract(std::string_view place) {
    const auto address = control::addressOf(place);
    UniqueFd socket = address ? connected(*address) : UniqueFd{};
    return socket ? std::optional{ControlClient{std::move(socket)}} : std::nullopt;
}

std::optional<uid_t> ControlClient::account() const {
    ucred other{};
    socklen_t size = sizeof other;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &other, &size) != 0)
        return std::nullopt;
    return other.uid;
}

tl::expected<std::string, std::string> ControlClient::ask(std::string_view request,
                                                          std::chrono::seconds patience) const {
    const timeval limit{patience.count(), 0};
    (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
        return tl::unexpected(fmt::format("upnpd does not listen: {}", messageOf(errno)));
    auto answer = next();
    if (!answer) return tl::unexpected<std::string>("upnpd does not answer");
    return *std::move(answer);
}

std::optional<std::string> ControlClient::next() const {
    std::string answer(kMaxControlAnswer, '\0');
    const ssize_t size = ::recv(socket_.get(), answer.data(), answer.size(), 0);
    if (size <= 0) return std::nullopt;
    answer.resize(static_cast<std::size_t>(size));
    return answer;
}

}  // namespace igd
