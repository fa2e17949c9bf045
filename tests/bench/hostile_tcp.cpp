// SPDX-License-Identifier: GPL-2.0-or-later
#include "hostile_tcp.h"

#include <array>
#include <cerrno>
#include <random>
#include <vector>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hostile {
namespace {

constexpr int kPatience = 5000;     ///< milliseconds for an answer
constexpr unsigned kParallel = 24;  ///< connections with a request on them at once

std::string postOf(const Target& target, const std::string& path, const std::string& body,
                   bool keep, const std::string& action = "AddPortMapping") {
    return "POST " + path + " HTTP/1.1\r\nHOST: " + target.host +
           "\r\nCONTENT-TYPE: text/xml\r\nCONTENT-LENGTH: " + std::to_string(body.size()) +
           "\r\nSOAPACTION: \"urn:schemas-upnp-org:service:WANIPConnection:1#" + action +
           "\"\r\nCONNECTION: " + (keep ? "keep-alive" : "close") + "\r\n\r\n" + body;
}

std::string addBody(unsigned port, const std::string& own) {
    const std::string text = std::to_string(port);
    return "<?xml version=\"1.0\"?><s:Envelope "
           "xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>"
           "<u:AddPortMapping "
           "xmlns:u=\"urn:schemas-upnp-org:service:WANIPConnection:1\"><NewRemoteHost></"
           "NewRemoteHost>"
           "<NewExternalPort>" +
           text + "</NewExternalPort><NewProtocol>UDP</NewProtocol><NewInternalPort>" + text +
           "</NewInternalPort><NewInternalClient>" + own +
           "</NewInternalClient><NewEnabled>1</NewEnabled>"
           "<NewPortMappingDescription>hostile</NewPortMappingDescription><NewLeaseDuration>600</"
           "NewLeaseDuration>"
           "</u:AddPortMapping></s:Body></s:Envelope>";
}

int begin(const Target& target) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("no socket");
    const int on = 1;
    (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&target.address), sizeof target.address) !=
            0 &&
        errno != EINPROGRESS)
        fail("connect");
    return fd;
}

/// A reset instead of TIME_WAIT, of which there is no room for thousands.
void end(int& fd) {
    const linger reset{1, 0};
    (void)::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::close(fd);
    fd = -1;
}

/// One connection that asks for nothing but time.
class Slow {
public:
    Slow(const Target& target, unsigned kind, const std::string& path)
        : target_(target), kind_(kind), path_(path) {}

    /// Opens it, says the next byte, or finds it closed; true: it was opened anew.
    bool step() {
        if (fd_ >= 0 && isClosed()) end(fd_);
        if (fd_ < 0) {
            fd_ = begin(target_);
            const int small = 1;
            if (kind_ == 2) (void)::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
            said_ = 0;
            return true;
        }
        const std::string text = words();
        if (said_ == 0)
            said_ = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) > 0 ? 1 : 0;
        else if (kind_ != 2)
            (void)::send(fd_, "a", 1, MSG_NOSIGNAL);
        return false;
    }

private:
    [[nodiscard]] bool isClosed() const {
        char byte = 0;
        if (kind_ == 2) {  // it reads nothing: only a reset is noticed
            pollfd waiting{fd_, 0, 0};
            return ::poll(&waiting, 1, 0) > 0 && (waiting.revents & (POLLERR | POLLHUP)) != 0;
        }
        const ssize_t size = ::recv(fd_, &byte, 1, MSG_DONTWAIT);
        return size == 0 || (size < 0 && errno != EAGAIN && errno != ENOTCONN);
    }
    [[nodiscard]] std::string words() const {
        if (kind_ == 0) return "GET " + path_ + " HTTP/1.1\r\nHOST: " + target_.host + "\r\nX: ";
        if (kind_ == 2) {
            std::string all;  // pipelined, so that the answers fill every buffer
            for (int i = 0; i < 64; ++i)
                all += "GET " + path_ + " HTTP/1.1\r\nHOST: " + target_.host + "\r\n\r\n";
            return all;
        }
        const std::string whole = postOf(target_, "/ctl/IPConn", std::string(60000, 'x'), true);
        return whole.substr(0, whole.size() - 60000);
    }

    const Target& target_;
    unsigned kind_;  ///< 0 a head, 1 a body, 2 answers
    const std::string& path_;
    int fd_ = -1;
    unsigned said_ = 0;
};

/// Sends one request and reads to the end of the answer; empty: it was closed without one.
std::string exchange(int fd, const std::string& request) {
    std::string answer;
    std::size_t sent = 0;
    std::array<char, 8192> buffer{};
    while (true) {
        pollfd waiting{fd, static_cast<short>(POLLIN | (sent < request.size() ? POLLOUT : 0)), 0};
        if (::poll(&waiting, 1, kPatience) <= 0) return answer;
        if ((waiting.revents & POLLOUT) != 0) {
            const ssize_t size =
                ::send(fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
            sent = size > 0 ? sent + static_cast<std::size_t>(size) : request.size();
        }
        if ((waiting.revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
        const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (size <= 0) return answer;
        answer.append(buffer.data(), static_cast<std::size_t>(size));
        const auto head = answer.find("\r\n\r\n");
        const auto field = answer.find("Content-Length: ");
        if (head != std::string::npos && field < head &&
            answer.size() >= head + 4 + std::strtoul(answer.c_str() + field + 16, nullptr, 10))
            return answer;
    }
}

/// "200", "503", "error 728", "closed"
std::string verdictOf(const std::string& answer) {
    const auto code = answer.find("<errorCode>");
    if (code != std::string::npos) return "error " + answer.substr(code + 11, 3);
    return answer.size() > 12 ? answer.substr(9, 3) : "closed";
}

std::vector<std::string> nonsense(const Target& target) {
    std::minstd_rand random{815};
    std::vector<std::string> texts{
        std::string(300000, 'A'), "GET / HTTP/1.1\r\nX: " + std::string(200000, 'b'),
        postOf(target, "/ctl/IPConn", "<" + std::string(60000, '<'), true),
        "POST /ctl/IPConn HTTP/1.1\r\nHOST: " + target.host +
            "\r\nTRANSFER-ENCODING: chunked\r\n\r\nfffffffffffffffff\r\n",
        "GET /rootDesc.xml HTTP/1.1\r\nHOST: evil.example\r\n\r\n"};
    std::string deep;
    for (int i = 0; i < 8000; ++i) deep += "<a>";
    texts.push_back(postOf(target, "/ctl/IPConn", deep, true));
    const std::string good = postOf(target, "/ctl/IPConn", addBody(5000, "192.168.50.10"), true);
    for (int i = 0; i < 64; ++i) {
        std::string text = good;
        for (int change = 0; change < 12; ++change)
            text[random() % text.size()] = static_cast<char>(random() & 0xff);
        texts.push_back(text);
    }
    return texts;
}

}  // namespace

Totals slow(const Target& target, unsigned connections, unsigned seconds, const std::string& path) {
    std::vector<Slow> all;
    for (unsigned i = 0; i < connections; ++i) all.emplace_back(target, i % 3, path);
    Totals totals{{"opened", 0}};
    for (const auto end = Clock::now() + std::chrono::seconds{seconds}; Clock::now() < end;) {
        for (Slow& one : all) totals["opened"] += one.step() ? 1 : 0;
        ::poll(nullptr, 0, 100);
    }
    return totals;
}

Totals noRequests(const Target& target, unsigned seconds) {
    const auto texts = nonsense(target);
    std::array<int, kParallel> descriptors{};
    descriptors.fill(-1);
    Totals totals{{"connections", 0}};
    std::size_t next = 0;
    for (const auto last = Clock::now() + std::chrono::seconds{seconds}; Clock::now() < last;) {
        for (int& fd : descriptors) {
            if (fd >= 0) end(fd);
            fd = begin(target);
        }
        ::poll(nullptr, 0, 2);
        for (const int fd : descriptors) {
            const std::string& text = texts[next++ % texts.size()];
            (void)::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        }
        ::poll(nullptr, 0, 2);
        totals["connections"] += kParallel;
    }
    return totals;
}

Totals add(const Target& target, const std::string& path, const std::string& own, unsigned count,
           bool keep) {
    std::array<int, kParallel> descriptors{};
    descriptors.fill(-1);
    Totals totals;
    for (unsigned i = 0; i < count; ++i) {
        int& fd = descriptors[i % kParallel];
        if (fd >= 0 && !keep) end(fd);
        if (fd < 0) fd = begin(target);
        std::string verdict =
            verdictOf(exchange(fd, postOf(target, path, addBody(10000 + i % 50000, own), keep)));
        ++totals[verdict];
        if (verdict == "closed" || verdict == "503") end(fd);
    }
    return totals;
}

}  // namespace hostile
