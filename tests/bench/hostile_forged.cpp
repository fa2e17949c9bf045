// SPDX-License-Identifier: GPL-2.0-or-later
#include "hostile_forged.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hostile {
namespace {

constexpr std::uint16_t kSourcePort = 40000;
constexpr unsigned kSteps = 200;  ///< in a second

struct Payload {
    std::string text;
    std::uint16_t port;
};

std::string searchFor(const std::string& target) {
    return "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: "
           "3\r\nST: " +
           target + "\r\n\r\n";
}

Payload payloadOf(const std::string& what) {
    if (what == "search") return {searchFor("upnp:rootdevice"), 1900};
    if (what == "all") return {searchFor("ssdp:all"), 1900};
    if (what == "address") return {std::string(2, '\0'), 5351};
    fail("no such flood: " + what);
}

std::uint32_t sumOf(const void* data, std::size_t size) {
    const auto* const octets = static_cast<const std::uint8_t*>(data);
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < size; ++i)
        sum += static_cast<std::uint32_t>(i % 2 == 0 ? octets[i] << 8 : octets[i]);
    return sum;
}

std::uint16_t folded(std::uint32_t sum) {
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return htons(static_cast<std::uint16_t>(~sum));
}

udphdr udpOf(const Payload& payload) {
    udphdr udp{};
    udp.source = htons(kSourcePort);
    udp.dest = htons(payload.port);
    udp.len = htons(static_cast<std::uint16_t>(sizeof udp + payload.text.size()));
    return udp;
}

/// An IPv4 packet; its UDP has no checksum (RFC 768).
std::string packetOf(in_addr source, in_addr destination, const Payload& payload) {
    const udphdr udp = udpOf(payload);
    iphdr ip{};
    ip.version = 4;
    ip.ihl = 5;
    ip.ttl = 4;
    ip.protocol = IPPROTO_UDP;
    ip.saddr = source.s_addr;
    ip.daddr = destination.s_addr;
    ip.tot_len = htons(static_cast<std::uint16_t>(sizeof ip + sizeof udp + payload.text.size()));
    ip.check = folded(sumOf(&ip, sizeof ip));
    std::string packet(sizeof ip + sizeof udp, '\0');
    std::memcpy(packet.data(), &ip, sizeof ip);
    std::memcpy(packet.data() + sizeof ip, &udp, sizeof udp);
    return packet + payload.text;
}

std::string packetOf(const in6_addr& source, const in6_addr& destination, const Payload& payload) {
    udphdr udp = udpOf(payload);
    ip6_hdr ip{};
    ip.ip6_vfc = 6 << 4;
    ip.ip6_plen = udp.len;
    ip.ip6_nxt = IPPROTO_UDP;
    ip.ip6_hlim = 4;
    ip.ip6_src = source;
    ip.ip6_dst = destination;
    udp.check = folded(sumOf(&source, sizeof source) + sumOf(&destination, sizeof destination) +
                       IPPROTO_UDP + ntohs(udp.len) + sumOf(&udp, sizeof udp) +
                       sumOf(payload.text.data(), payload.text.size()));
    std::string packet(sizeof ip + sizeof udp, '\0');
    std::memcpy(packet.data(), &ip, sizeof ip);
    std::memcpy(packet.data() + sizeof ip, &udp, sizeof udp);
    return packet + payload.text;
}

/// The packets of a flood, and a raw socket that is connected to where they go.
class Sender {
public:
    Sender(const std::string& address, const Payload& payload, const std::string& first,
           unsigned sources) {
        const bool isSix = address.find(':') != std::string::npos;
        fd_ = ::socket(isSix ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
        if (fd_ < 0) fail("no raw socket");
        if (isSix)
            prepareSix(address, payload, first, sources);
        else
            prepareFour(address, payload, first, sources);
    }
    ~Sender() { ::close(fd_); }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    [[nodiscard]] bool send() {
        const std::string& packet = packets_[next_++ % packets_.size()];
        return ::send(fd_, packet.data(), packet.size(), 0) > 0;
    }

private:
    void prepareFour(const std::string& address, const Payload& payload, const std::string& first,
                     unsigned sources) {
        const in_addr to = targetOf(address, "0").address.sin_addr;
        const std::uint32_t lowest = ntohl(targetOf(first, "0").address.sin_addr.s_addr);
        for (unsigned i = 0; i < sources; ++i)
            packets_.push_back(packetOf({htonl(lowest + i)}, to, payload));
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr = to;
        connectTo(&where, sizeof where);
    }
    void prepareSix(const std::string& address, const Payload& payload, const std::string& first,
                    unsigned sources) {
        sockaddr_in6 where{};
        where.sin6_family = AF_INET6;
        in6_addr source{};
        if (::inet_pton(AF_INET6, address.c_str(), &where.sin6_addr) != 1 ||
            ::inet_pton(AF_INET6, first.c_str(), &source) != 1)
            fail("not addresses: " + address + ", " + first);
        for (unsigned i = 0; i < sources; ++i) {
            source.s6_addr[12] = static_cast<std::uint8_t>(i >> 8);
            source.s6_addr[13] = static_cast<std::uint8_t>(i);
            packets_.push_back(packetOf(source, where.sin6_addr, payload));
        }
        connectTo(&where, sizeof where);
    }
    template <class Address>
    void connectTo(const Address* where, socklen_t size) {
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(where), size) != 0) fail("connect");
    }

    int fd_ = -1;
    std::vector<std::string> packets_;
    std::size_t next_ = 0;
};

int connectFrom(const Target& target, std::uint32_t source) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(source);
    const linger reset{1, 0};  // instead of TIME_WAIT, of which there is no room for thousands
    if (fd < 0 || ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) != 0 ||
        ::bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
        fail("no socket");
    (void)::connect(fd, reinterpret_cast<const sockaddr*>(&target.address), sizeof target.address);
    return fd;
}

}  // namespace

Totals flood(const std::string& address, const Flood& flood, const std::string& first,
             unsigned sources) {
    Sender sender{address, payloadOf(flood.what), first, sources};
    Totals totals{{"sent", 0}};
    const auto begin = Clock::now();
    for (unsigned step = 1; totals["sent"] < flood.count; ++step) {
        const double due = flood.rate == 0
                               ? flood.count
                               : std::min<double>(flood.count, 1.0 * step * flood.rate / kSteps);
        while (totals["sent"] < due) totals["sent"] += sender.send() ? 1 : 0;
        std::this_thread::sleep_until(begin + step * std::chrono::microseconds{1000000 / kSteps});
    }
    return totals;
}

Totals pages(const Target& target, unsigned seconds, const std::string& first, unsigned sources) {
    constexpr unsigned kOfEach = 4;
    const std::string request = "GET / HTTP/1.1\r\nHOST: " + target.host + "\r\n\r\n";
    const std::uint32_t lowest = ntohl(targetOf(first, "0").address.sin_addr.s_addr);
    Totals totals{{"connections", 0}};
    for (const auto last = Clock::now() + std::chrono::seconds{seconds}; Clock::now() < last;) {
        std::vector<int> all;
        for (unsigned i = 0; i < sources * kOfEach; ++i)
            all.push_back(connectFrom(target, lowest + i % sources));
        ::poll(nullptr, 0, 2);
        for (const int fd : all) (void)::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
        ::poll(nullptr, 0, 20);  // else most are gone before they are read
        for (const int fd : all) ::close(fd);
        totals["connections"] += static_cast<double>(all.size());
    }
    return totals;
}

}  // namespace hostile
