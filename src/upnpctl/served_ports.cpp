// SPDX-License-Identifier: GPL-2.0-or-later
#include "served_ports.h"

#include "port_holders.h"

#include "upnpd/util/time.h"
#include "upnpd/util/unique_fd.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace igd::ctl {
namespace {

constexpr std::chrono::milliseconds kPatience{300};  // a front end answers within one

bool isSix(const IpAddress& address) {
    return std::holds_alternative<Ipv6Address>(address);
}

std::vector<SocketName> wantedOn(const IpAddress& own, const Facts::Internal& internal,
                                 const Facts& facts) {
    std::vector<SocketName> wanted;
    if (isSix(own) ? facts.pcp : facts.portControl) wanted.push_back({false, {own, Port{5351}}});
    if (facts.upnp && internal.httpPort) {
        wanted.push_back({false, {own, Port{1900}}});
        wanted.push_back({true, {own, *internal.httpPort}});
    }
    return wanted;
}

bool isKnown(const Facts::Internal& internal, const SocketName& name) {
    return std::ranges::any_of(internal.problems, [&](const Facts::Internal::Problem& problem) {
        return problem.reason.find(toString(name)) != std::string::npos;
    });
}

bool waitFor(const UniqueFd& socket, short events, TimePoint end) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    pollfd wanted{socket.get(), events, 0};
    return left > 0 && ::poll(&wanted, 1, static_cast<int>(left)) > 0;
}

bool beginsToConnect(const UniqueFd& socket, const IpEndpoint& server) {
    const auto connects = [&](const auto& to) {
        return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ||
               errno == EINPROGRESS;
    };
    if (const auto* const six = std::get_if<Ipv6Address>(&server.address)) {
        sockaddr_in6 to{};
        to.sin6_family = AF_INET6;
        to.sin6_port = htons(server.port.value);
        std::ranges::copy(six->bytes(), to.sin6_addr.s6_addr);
        return connects(to);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server.port.value);
    to.sin_addr.s_addr = htonl(std::get<Ipv4Address>(server.address).value());
    return connects(to);
}

}  // namespace

bool answersHttp(const IpEndpoint& server, std::chrono::milliseconds patience) {
    const TimePoint end = Clock::now() + patience;
    const UniqueFd socket{::socket(isSix(server.address) ? AF_INET6 : AF_INET,
                                   SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!beginsToConnect(socket, server)) return false;
    const std::string request =
        fmt::format("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", toString(server));
    if (!waitFor(socket, POLLOUT, end) ||
        ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
        return false;
    char first = 0;
    return waitFor(socket, POLLIN, end) && ::recv(socket.get(), &first, 1, 0) == 1;
}

void addUnserved(Facts::Internal& internal, const Facts& facts) {
    const auto served = internal.served();
    for (const IpAddress& own : served)
        for (const SocketName& name : wantedOn(own, internal, facts)) {
            if (isKnown(internal, name)) continue;
            const Listener listener = listenerOf(name);
            if (listener == Listener::Nobody)
                internal.unserved.push_back("nobody listens on " + toString(name));
            else if (listener == Listener::Other)
                internal.unserved.push_back(
                    fmt::format("{} is not upnpd's: {} has it", toString(name), holdersOf(name)));
        }
    for (const Ipv6Prefix& each : internal.state.addresses6)
        for (const SocketName& name : wantedOn(each.address, internal, facts))
            if (!each.address.isLinkLocal() && listenerOf(name) == Listener::Us)
                internal.open6.push_back(name);
    if (!facts.upnp || !internal.httpPort || served.empty() || !internal.unserved.empty()) return;
    const SocketName page{true, {served.front(), *internal.httpPort}};
    internal.isSilent = !isKnown(internal, page) && !answersHttp(page.local, kPatience);
}

}  // namespace igd::ctl
