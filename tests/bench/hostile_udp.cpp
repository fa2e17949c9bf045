// SPDX-License-Identifier: GPL-2.0-or-later
#include "hostile_udp.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hostile {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::string_view kRootDevice =
    "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nST: "
    "upnp:rootdevice\r\n\r\n";

int open(int type, int protocol = 0) {
    const int fd = ::socket(AF_INET, type, protocol);
    if (fd < 0) fail("no socket");
    return fd;
}

/// Sends what can be sent of the batch; how many that were.
unsigned sendAll(int fd, std::vector<iovec>& parts, const Target& target, bool connected) {
    std::array<mmsghdr, kBatch> messages{};
    const std::size_t count = std::min(parts.size(), kBatch);
    sockaddr_in address = target.address;
    for (std::size_t i = 0; i < count; ++i) {
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        if (connected) continue;
        messages[i].msg_hdr.msg_name = &address;
        messages[i].msg_hdr.msg_namelen = sizeof address;
    }
    const int sent = ::sendmmsg(fd, messages.data(), static_cast<unsigned>(count), 0);
    return sent > 0 ? static_cast<unsigned>(sent) : 0;
}

unsigned receiveAll(int fd) {
    std::array<char, 2048> buffer{};
    unsigned count = 0;
    while (::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) ++count;
    return count;
}

iovec partOf(std::string& text) {
    return {text.data(), text.size()};
}

/// Beginnings of all that is understood, cut and changed.
std::string broken(std::minstd_rand& random) {
    static const std::array<std::string, 6> beginnings{
        std::string{kRootDevice},
        std::string("\x00\x01\x00\x00\x13\x88\x13\x88\x00\x00\x0e\x10", 12),
        std::string("\x02\x01\x00\x00\x00\x00\x0e\x10", 8) + std::string(52, '\0'),
        std::string("\x02\x02", 2) + std::string(78, '\xff'),
        std::string(1100, 'A'),
        "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: x\r\n"};
    std::string text = beginnings[random() % beginnings.size()];
    for (unsigned changes = random() % 8; changes > 0; --changes)
        text[random() % text.size()] = static_cast<char>(random() & 0xff);
    text.resize(random() % text.size());
    return text;
}

}  // namespace

Target targetOf(const std::string& address, const std::string& port) {
    Target target;
    target.address.sin_family = AF_INET;
    target.address.sin_port = htons(static_cast<std::uint16_t>(number(port)));
    if (::inet_pton(AF_INET, address.c_str(), &target.address.sin_addr) != 1)
        fail("not an address: " + address);
    target.host = address + ":" + port;
    return target;
}

Totals search(const Target& target, unsigned count) {
    const int fd = open(SOCK_DGRAM);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&target.address), sizeof target.address) !=
        0)
        fail("connect");
    std::string text{kRootDevice};
    std::vector<iovec> parts(kBatch, partOf(text));
    Totals totals{{"sent", 0}, {"answers", 0}};
    while (totals["sent"] < count) {
        totals["sent"] += sendAll(fd, parts, target, true);
        totals["answers"] += receiveAll(fd);
    }
    constexpr int kQuiet = 500;
    pollfd waiting{fd, POLLIN, 0};
    while (::poll(&waiting, 1, kQuiet) > 0) totals["answers"] += receiveAll(fd);
    ::close(fd);
    return totals;
}

Totals datagrams(const Target& target, unsigned seconds) {
    const int fd = open(SOCK_DGRAM);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&target.address), sizeof target.address) !=
        0)
        fail("connect");
    std::minstd_rand random{4711};
    std::vector<std::string> texts;
    for (int i = 0; i < 4096; ++i) texts.push_back(broken(random));
    Totals totals{{"sent", 0}, {"answers", 0}};
    std::size_t next = 0;
    for (const auto end = Clock::now() + std::chrono::seconds{seconds}; Clock::now() < end;) {
        std::vector<iovec> parts;
        for (std::size_t i = 0; i < kBatch; ++i)
            parts.push_back(partOf(texts[next++ % texts.size()]));
        totals["sent"] += sendAll(fd, parts, target, true);
        totals["answers"] += receiveAll(fd);
    }
    ::close(fd);
    return totals;
}

}  // namespace hostile
