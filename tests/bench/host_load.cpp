// SPDX-License-Identifier: GPL-2.0-or-later
// Thousands of hosts that ask by PCP for ports of their own, in one namespace. Each has an address
// and a hardware address: its requests are Ethernet frames, and the answers are read from the link.
// Opening number N is of host N / 2 modulo HOSTS, and its port is 10000 + N / 2, of UDP for even
// numbers and of TCP for odd ones; so two runs with the same numbers ask for the same openings.
//   host_load INTERFACE ROUTER-HARDWARE-ADDRESS ROUTER FIRST-HOST HOSTS FIRST COUNT REQUESTS
//             LIFETIME RATE WINDOW PORT
// RATE: requests a second, 0: as fast as the answers come. WINDOW: requests that wait at most for
// their answers. LIFETIME: seconds; with "@" in front, all end so many seconds from now on.
// REQUESTS: in all, over and over from FIRST. PORT: all ask for that port; 0: each for its own.
// Prints one line of JSON.
#include "command_line.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;
using Bytes = std::vector<std::uint8_t>;

constexpr unsigned kServerPort = 5351;
constexpr unsigned kClientPort = 40000;
constexpr unsigned kFirstPort = 10000;
constexpr std::size_t kHeaders = 14 + 20 + 8;
constexpr std::size_t kReply = 60;
constexpr int kBuffer = 64 << 20;
constexpr std::chrono::seconds kPatience{3};  ///< then it is asked again (RFC 6887 section 8.1.1)
constexpr unsigned kTries = 8;

void put(Bytes& bytes, std::uint64_t value, unsigned size) {
    while (size-- > 0) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * size)));
}

/// An address of IPv4 as PCP writes it.
void putMapped(Bytes& bytes, std::uint32_t four) {
    put(bytes, 0, 8);
    put(bytes, 0xffff, 4);
    put(bytes, four, 4);
}

std::uint32_t take(const std::uint8_t* bytes, std::size_t at, unsigned size) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
    return value;
}

std::uint32_t address(const char* text) {
    in_addr parsed{};
    if (::inet_pton(AF_INET, text, &parsed) != 1) fail(std::string{"not an address: "} + text);
    return ntohl(parsed.s_addr);
}

std::array<std::uint8_t, 6> hardwareAddress(const char* text) {
    std::array<unsigned, 6> octets{};
    if (std::sscanf(text, "%x:%x:%x:%x:%x:%x", &octets[0], &octets[1], &octets[2], &octets[3],
                    &octets[4], &octets[5]) != 6)
        fail(std::string{"not a hardware address: "} + text);
    std::array<std::uint8_t, 6> result{};
    std::ranges::transform(octets, result.begin(),
                           [](unsigned octet) { return static_cast<std::uint8_t>(octet); });
    return result;
}

/// Where the frames go, and whence.
struct Side {
    std::array<std::uint8_t, 6> router{};
    std::uint32_t server = 0;
    std::uint32_t firstHost = 0;
    unsigned hosts = 0;

    [[nodiscard]] std::uint32_t hostOf(unsigned opening) const {
        return firstHost + opening / 2 % hosts;
    }
};

std::uint16_t checksum(const std::uint8_t* header) {
    std::uint32_t sum = 0;
    for (unsigned i = 0; i < 20; i += 2) sum += take(header, i, 2);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

/// A frame with the headers of IPv4 and UDP, which needs no checksum there.
Bytes frameOf(const Side& side, std::uint32_t host, const Bytes& payload) {
    Bytes frame(side.router.begin(), side.router.end());
    put(frame, 0x0210, 2);
    put(frame, host, 4);
    put(frame, ETH_P_IP, 2);
    const std::size_t ip = frame.size();
    put(frame, 0x4500, 2);
    put(frame, 28 + payload.size(), 2);
    put(frame, 0, 4);
    put(frame, 0x4011, 2);
    put(frame, 0, 2);
    put(frame, host, 4);
    put(frame, side.server, 4);
    const std::uint16_t sum = checksum(frame.data() + ip);
    frame[ip + 10] = static_cast<std::uint8_t>(sum >> 8);
    frame[ip + 11] = static_cast<std::uint8_t>(sum);
    put(frame, kClientPort, 2);
    put(frame, kServerPort, 2);
    put(frame, 8 + payload.size(), 2);
    put(frame, 0, 2);
    frame.insert(frame.end(), payload.begin(), payload.end());
    return frame;
}

Bytes mapRequest(std::uint32_t host, unsigned opening, unsigned port, std::uint32_t lifetime) {
    Bytes bytes;
    put(bytes, 0x0201, 2);
    put(bytes, 0, 2);
    put(bytes, lifetime, 4);
    putMapped(bytes, host);
    put(bytes, 0, 8);
    put(bytes, opening, 4);  // the end of the nonce
    put(bytes, opening % 2 == 0 ? IPPROTO_UDP : IPPROTO_TCP, 1);
    put(bytes, 0, 3);
    put(bytes, port, 2);
    put(bytes, port, 2);
    putMapped(bytes, 0);
    return bytes;
}

class Link {
public:
    explicit Link(const char* interface)
        : socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0)) {
        sockaddr_ll place{};
        place.sll_family = AF_PACKET;
        place.sll_protocol = htons(ETH_P_IP);
        place.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
        (void)::setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof kBuffer);
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0)
            fail(std::string{"no raw socket on "} + interface);
    }
    [[nodiscard]] int descriptor() const { return socket_; }
    void send(const Bytes& frame) const { (void)::send(socket_, frame.data(), frame.size(), 0); }
    /// Returns the octets read; 0: there is no frame.
    std::size_t receive(std::array<std::uint8_t, 2048>& frame) const {
        const ssize_t size = ::recv(socket_, frame.data(), frame.size(), 0);
        return size < 0 ? 0 : static_cast<std::size_t>(size);
    }

private:
    int socket_;
};

struct Plan {
    unsigned first = 0;
    unsigned count = 0;
    unsigned requests = 0;
    unsigned lifetime = 0;
    bool endTogether = false;
    unsigned rate = 0;
    unsigned window = 0;
    unsigned port = 0;

    [[nodiscard]] unsigned portOf(unsigned opening) const {
        return port != 0 ? port : kFirstPort + opening / 2;
    }
};

struct Totals {
    unsigned granted = 0;
    unsigned refused = 0;
    unsigned moved = 0;   ///< granted at another port
    unsigned atOnce = 0;  ///< answered without being asked again
    unsigned again = 0;
    unsigned lost = 0;
    unsigned lastError = 0;
    std::vector<double> latencies;
};

class Load {
public:
    Load(const Side& side, const Plan& plan, const Link& link)
        : side_(side), plan_(plan), link_(link), begin_(Clock::now()) {}

    void run() {
        while (sent_ < plan_.requests || !waiting_.empty()) {
            const auto now = Clock::now();
            for (unsigned burst = 0; burst < 64 && isDue(now); ++burst) begin(now);
            pollfd wait{link_.descriptor(), POLLIN, 0};
            ::poll(&wait, 1, 1);
            receiveAll();
            askAgain(Clock::now());
        }
        seconds_ = std::chrono::duration<double>(Clock::now() - begin_).count();
    }
    [[nodiscard]] double seconds() const { return seconds_; }
    [[nodiscard]] Totals& totals() { return totals_; }

private:
    struct Asked {
        Clock::time_point first;
        Clock::time_point last;
        unsigned tries = 1;
    };

    [[nodiscard]] unsigned next() const { return plan_.first + sent_ % plan_.count; }
    [[nodiscard]] bool isDue(Clock::time_point now) const {
        if (sent_ == plan_.requests || waiting_.size() >= plan_.window || waiting_.contains(next()))
            return false;
        const double passed = std::chrono::duration<double>(now - begin_).count();
        return plan_.rate == 0 || sent_ < passed * plan_.rate;
    }

    void begin(Clock::time_point now) {
        const unsigned opening = next();
        ++sent_;
        waiting_[opening] = {now, now};
        order_.push_back(opening);
        ask(opening, now);
    }

    void ask(unsigned opening, Clock::time_point now) const {
        const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now - begin_).count();
        const auto left = static_cast<unsigned>(
            plan_.endTogether ? std::max<std::int64_t>(plan_.lifetime - passed, 1)
                              : plan_.lifetime);
        const std::uint32_t host = side_.hostOf(opening);
        link_.send(frameOf(side_, host, mapRequest(host, opening, plan_.portOf(opening), left)));
    }

    void receiveAll() {
        std::array<std::uint8_t, 2048> frame{};
        while (const std::size_t size = link_.receive(frame))
            if (size >= kHeaders + kReply && take(frame.data(), 34, 2) == kServerPort)
                answered(frame.data() + kHeaders, Clock::now());
    }

    void answered(const std::uint8_t* reply, Clock::time_point now) {
        if (take(reply, 0, 2) != 0x0281) return;
        const auto asked = waiting_.find(take(reply, 32, 4));
        if (asked == waiting_.end()) return;
        const auto& [opening, how] = *asked;
        if (const unsigned code = reply[3]; code != 0) {
            ++totals_.refused;
            totals_.lastError = code;
        } else {
            ++totals_.granted;
            totals_.moved += take(reply, 42, 2) == plan_.portOf(opening) ? 0 : 1;
        }
        totals_.atOnce += how.tries == 1 ? 1 : 0;
        note(how, now);
        waiting_.erase(asked);
    }

    /// A request without an answer counts with the time that it was waited for.
    void note(const Asked& how, Clock::time_point now) {
        totals_.latencies.push_back(
            std::chrono::duration<double, std::milli>(now - how.first).count());
    }

    /// Requests wait in the order in which they were sent last.
    void askAgain(Clock::time_point now) {
        while (!order_.empty()) {
            const unsigned opening = order_.front();
            const auto asked = waiting_.find(opening);
            if (asked != waiting_.end() && now - asked->second.last < kPatience) return;
            order_.pop_front();
            if (asked == waiting_.end()) continue;
            if (asked->second.tries == kTries) {
                ++totals_.lost;
                note(asked->second, now);
                waiting_.erase(asked);
                continue;
            }
            ++totals_.again;
            ++asked->second.tries;
            asked->second.last = now;
            order_.push_back(opening);
            ask(opening, now);
        }
    }

    const Side& side_;
    const Plan& plan_;
    const Link& link_;
    const Clock::time_point begin_;
    unsigned sent_ = 0;
    double seconds_ = 0;
    std::unordered_map<unsigned, Asked> waiting_;
    std::deque<unsigned> order_;
    Totals totals_;
};

double percentile(std::vector<double>& values, double part) {
    if (values.empty()) return 0;
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(part * static_cast<double>(values.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 13)
        fail(
            "INTERFACE ROUTER-HARDWARE-ADDRESS ROUTER FIRST-HOST HOSTS FIRST COUNT REQUESTS "
            "LIFETIME RATE WINDOW PORT");
    const Side side{hardwareAddress(argv[2]), address(argv[3]), address(argv[4]), number(argv[5])};
    std::string_view lifetime{argv[9]};
    const bool together = lifetime.starts_with('@');
    if (together) lifetime.remove_prefix(1);
    const Plan plan{.first = number(argv[6]),
                    .count = number(argv[7]),
                    .requests = number(argv[8]),
                    .lifetime = number(lifetime),
                    .endTogether = together,
                    .rate = number(argv[10]),
                    .window = number(argv[11]),
                    .port = number(argv[12])};
    const Link link{argv[1]};
    Load load{side, plan, link};
    load.run();
    Totals& totals = load.totals();
    std::printf(
        "{\"granted\": %u, \"refused\": %u, \"last_error\": %u, \"moved\": %u, \"at_once\": %u, "
        "\"again\": %u, \"lost\": %u, \"seconds\": %.3f, \"median_ms\": %.3f, \"p99_ms\": %.3f, "
        "\"max_ms\": %.3f}\n",
        totals.granted, totals.refused, totals.lastError, totals.moved, totals.atOnce, totals.again,
        totals.lost, load.seconds(), percentile(totals.latencies, 0.5),
        percentile(totals.latencies, 0.99), percentile(totals.latencies, 1));
    return 0;
}
