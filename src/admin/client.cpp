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

constexpr timeval kPatience{5, 0};

std::string messageOf(int error) {
    return std::system_category().message(error);
}

}  // namespace

tl::expected<ControlClient, std::string> ControlClient::connect(const std::filesystem::path& path) {
    const auto address = control::addressOf(path);
    if (!address)
        return tl::unexpected(
            fmt::format("{} is too long for the path of a socket", path.string()));
    UniqueFd socket{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
    if (!socket) return tl::unexpected(messageOf(errno));
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) !=
        0) {
        if (errno == ENOENT || errno == ECONNREFUSED)
            return tl::unexpected(
                fmt::format("upnpd is not running (nobody listens at {})", path.string()));
        return tl::unexpected(fmt::format("{}: {}", path.string(), messageOf(errno)));
    }
    return ControlClient{std::move(socket)};
}

tl::expected<std::string, std::string> ControlClient::ask(std::string_view request) const {
    std::string answer(kMaxControlAnswer, '\0');
    if (::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
        return tl::unexpected(fmt::format("upnpd does not listen: {}", messageOf(errno)));
    const ssize_t size = ::recv(socket_.get(), answer.data(), answer.size(), 0);
    if (size <= 0) return tl::unexpected<std::string>("upnpd does not answer");
    answer.resize(static_cast<std::size_t>(size));
    return answer;
}

}  // namespace igd
