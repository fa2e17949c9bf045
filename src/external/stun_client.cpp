// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/stun_client.h"

#include "upnpd/external/external_address.h"
#include "upnpd/net/interface_name.h"
#include "upnpd/system/child_process.h"
#include "upnpd/system/confinement.h"
#include "upnpd/system/privileges.h"
#include "upnpd/util/unique_fd.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>

namespace igd {
namespace {

using std::chrono::milliseconds;

constexpr int kMisused = 2;
/// The longest answer; a longer one is cut, and then it is no message of STUN.
constexpr std::size_t kLongestAnswer = 1500;

/// Sends the engine the sentence for its log, and ends the process.
[[noreturn]] void giveUp(std::string_view what, std::string_view why) {
    throw std::runtime_error(fmt::format("{}: {}", what, why));
}
[[noreturn]] void giveUp(std::string_view what) {
    giveUp(what, std::strerror(errno));
}

struct Question {
    InterfaceName interface;
    Ipv4Address own;
    StunServer server;
};

std::optional<Question> parseQuestion(const std::vector<std::string>& words) {
    if (words.size() != 4) return std::nullopt;
    const auto interface = InterfaceName::parse(words[0]);
    const auto own = parseIpv4Address(words[1]);
    const auto port = parsePort(words[3]);
    if (!interface || !own || !port) return std::nullopt;
    return Question{*interface, *own, {words[2], *port}};
}

sockaddr_in socketAddress(Ipv4Address address, Port port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port.value);
    result.sin_addr.s_addr = htonl(address.value());
    return result;
}

/// Opens a socket on the external interface, whatever the routes say, because the server has to see
/// that one. Before Linux 5.7 that takes rights; there the routes decide, and the address.
UniqueFd openSocket(const Question& question) {
    UniqueFd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!fd) giveUp("socket");
    const std::string& name = question.interface.text();
    if (::setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, name.c_str(),
                     static_cast<socklen_t>(name.size())) != 0 &&
        errno != EPERM)
        giveUp(name);
    const sockaddr_in own = socketAddress(question.own, Port{0});
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
        giveUp(toString(question.own));
    return fd;
}

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

sockaddr_in resolve(const StunServer& server) {
    addrinfo hints{};
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(server.host.c_str(), nullptr, &hints, &found);
    if (error != 0) giveUp("its address is not to be had", ::gai_strerror(error));
    const std::unique_ptr<addrinfo, FreeAddresses> list{found};
    sockaddr_in address{};
    std::memcpy(&address, list->ai_addr, sizeof address);
    address.sin_port = htons(server.port.value);
    return address;
}

Port localPortOf(int fd) {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) giveUp("getsockname");
    return Port{ntohs(own.sin_port)};
}

stun::TransactionId randomId() {
    stun::TransactionId id{};
    if (::getrandom(id.data(), id.size(), 0) != static_cast<ssize_t>(id.size()))
        giveUp("getrandom");
    return id;
}

/// A Transaction is one question, its repetitions and the answer.
class Transaction {
public:
    /// Takes `fd`, which is connected: packets of another endpoint do not arrive.
    explicit Transaction(int fd) : fd_(fd) {}

    [[nodiscard]] IpEndpoint run() {
        for (unsigned sent = 1; const auto wait = stun::waitAfter(sent); ++sent) {
            const auto request = stun::bindingRequest(id_);
            if (::send(fd_, request.data(), request.size(), 0) < 0) giveUp("it cannot be sent to");
            if (const auto answer = awaitUntil(Clock::now() + *wait)) return *answer;
        }
        giveUp("no answer", strangeness_.empty() ? "nothing came" : "what came is " + strangeness_);
    }

private:
    /// Returns the answer; nullopt when `end` has come before it.
    std::optional<IpEndpoint> awaitUntil(TimePoint end) {
        for (;;) {
            const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
            if (left <= milliseconds{0}) return std::nullopt;
            pollfd ready{fd_, POLLIN, 0};
            if (::poll(&ready, 1, static_cast<int>(left.count())) < 0 && errno != EINTR)
                giveUp("poll");
            if (const auto answer = receive()) return answer;
        }
    }

    /// Receives a datagram. A hard error of ICMP ends the transaction, too (RFC 8489 section
    /// 6.2.1).
    std::optional<IpEndpoint> receive() {
        std::array<std::uint8_t, kLongestAnswer> buffer{};
        const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
        if (size < 0) giveUp("no answer");
        const auto answer =
            stun::decodeResponse(std::span{buffer}.first(static_cast<std::size_t>(size)), id_);
        if (answer) return *answer;
        if (answer.error().kind == stun::Problem::Kind::Refused)
            throw std::runtime_error(answer.error().text);
        strangeness_ = answer.error().text;
        return std::nullopt;
    }

    int fd_;
    stun::TransactionId id_ = randomId();
    std::string strangeness_;  ///< of what was dropped last
};

StunAnswer ask(int fd, const StunServer& server) {
    const sockaddr_in to = resolve(server);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        giveUp("it cannot be sent to");
    const IpEndpoint mapped = Transaction{fd}.run();
    const auto* const four = std::get_if<Ipv4Address>(&mapped.address);
    if (four == nullptr || !four->isOfHost())
        giveUp(toString(mapped.address), "no address of a host of IPv4");
    return {{*four, mapped.port}, localPortOf(fd)};
}

StunReport reportOn(const Question& question) {
    try {
        dropAllRights();
        confineStunClient();  // its name server is a stranger, too
        const UniqueFd fd = openSocket(question);
        return {ask(fd.get(), question.server), ""};
    } catch (const std::runtime_error& error) {
        return {std::nullopt, error.what()};
    }
}

}  // namespace

int runStunClient(const std::vector<std::string>& arguments) {
    takeNameOfDaemon();
    const UniqueFd engine{kEngineDescriptor};
    const auto question = parseQuestion(arguments);
    if (!question) return kMisused;
    const auto report = encode(reportOn(*question));
    return ::send(engine.get(), report.data(), report.size(), MSG_NOSIGNAL) < 0 ? 1 : 0;
}

}  // namespace igd
