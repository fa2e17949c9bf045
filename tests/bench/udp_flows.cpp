// SPDX-License-Identifier: GPL-2.0-or-later
// New UDP flows, one packet each, from as many source ports and addresses as it takes; and their
// count at the other end. The sender prints the flows that it began in a second: on a veth pair a
// packet is forwarded before send() returns, so that is what the router's rules let through.
//   udp_flows send ADDRESS PORT COUNT FIRST-SOURCE SOURCES     e.g. 80.100.100.10 20: .10 to .29
//   udp_flows count PORT                                       prints the packets that came, at the
//   end of input
#include "command_line.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr unsigned kFirstPort = 2000;
constexpr unsigned kPorts = 60000;
constexpr int kBuffer = 64 << 20;

sockaddr_in endpoint(const char* address, unsigned port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::inet_pton(AF_INET, address, &result.sin_addr) != 1) fail("not an address");
    return result;
}

void sendOne(const sockaddr_in& from, const sockaddr_in& to) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) fail("bind");
    (void)::sendto(fd, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    ::close(fd);
}

int sendFlows(char** argv) {
    const sockaddr_in to = endpoint(argv[2], static_cast<unsigned>(std::atoi(argv[3])));
    const auto count = static_cast<unsigned>(std::atoi(argv[4]));
    const sockaddr_in first = endpoint(argv[5], 0);
    const auto start = std::chrono::steady_clock::now();
    for (unsigned i = 0; i < count; ++i) {
        sockaddr_in from = first;
        from.sin_addr.s_addr = htonl(ntohl(first.sin_addr.s_addr) +
                                     i / kPorts % static_cast<unsigned>(std::atoi(argv[6])));
        from.sin_port = htons(static_cast<std::uint16_t>(kFirstPort + i % kPorts));
        sendOne(from, to);
    }
    std::printf(
        "%.0f\n",
        count / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    return 0;
}

int countPackets(char** argv) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    (void)::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof kBuffer);
    const sockaddr_in own = endpoint("0.0.0.0", static_cast<unsigned>(std::atoi(argv[2])));
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) fail("bind");
    std::puts("ready");
    std::fflush(stdout);
    unsigned long packets = 0;
    pollfd wait[2] = {{fd, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    char buffer[64];
    while (::poll(wait, 2, -1) > 0) {
        while (::recv(fd, buffer, sizeof buffer, 0) > 0) ++packets;
        if (wait[1].revents != 0) break;
    }
    std::printf("%lu\n", packets);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string verb = argc > 1 ? argv[1] : "";
    if (verb == "send" && argc == 7) return sendFlows(argv);
    if (verb == "count" && argc == 3) return countPackets(argv);
    fail("send ADDRESS PORT COUNT FIRST-SOURCE SOURCES | count PORT");
}
