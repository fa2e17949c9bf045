// SPDX-License-Identifier: GPL-2.0-or-later
// Many clients of NAT-PMP and PCP at once, at a given rate: external address, ANNOUNCE, mappings
// made, renewed and deleted by either. Every answer is compared with what that client must be told;
// one line of JSON is printed at the end, and the exit status is 1 when an answer was wrong.
//   port_control_load SERVER EXTERNAL FIRST-CLIENT CLIENTS REQUESTS-A-SECOND SECONDS
#include "command_line.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint16_t kServerPort = 5351;
constexpr std::uint16_t kFirstPort = 20000;
constexpr unsigned kPortsPerClient = 4;
constexpr std::uint32_t kLifetime = 3600;
constexpr std::chrono::milliseconds kPatience{1000};  ///< then it is lost, and the client goes on

std::uint32_t address(const char* text) {
    in_addr parsed{};
    if (::inet_pton(AF_INET, text, &parsed) != 1) fail(std::string{"not an address: "} + text);
    return ntohl(parsed.s_addr);
}

void put(Bytes& bytes, std::uint64_t value, unsigned size) {
    while (size-- > 0) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * size)));
}

std::uint32_t take(const Bytes& bytes, std::size_t at, unsigned size) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
    return value;
}

void putMapped(Bytes& bytes, std::uint32_t four) {
    put(bytes, 0, 8);
    put(bytes, 0xffff, 4);
    put(bytes, four, 4);
}

enum class Kind { Address, Announce, PmpMap, PmpUnmap, PcpMap, PcpUnmap };

class Client {
public:
    Client(std::uint32_t own, std::uint32_t server, std::uint32_t external, unsigned seed)
        : own_(own),
          external_(external),
          random_(seed),
          socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        sockaddr_in local{};
        local.sin_family = AF_INET;
        local.sin_addr.s_addr = htonl(own);
        sockaddr_in remote = local;
        remote.sin_addr.s_addr = htonl(server);
        remote.sin_port = htons(kServerPort);
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0 ||
            ::connect(socket_, reinterpret_cast<const sockaddr*>(&remote), sizeof remote) != 0)
            fail("a client's address is not there");
    }

    [[nodiscard]] int descriptor() const { return socket_; }
    [[nodiscard]] bool waits() const { return waits_; }
    [[nodiscard]] bool givesUp(Clock::time_point now) {
        if (!waits_ || now - askedAt_ < kPatience) return false;
        // Whether it was done is not known: what comes next may be told either.
        external_of_.erase(port_);
        unknown_ = true;
        waits_ = false;
        return true;
    }

    void ask(Clock::time_point now) {
        kind_ = static_cast<Kind>(next() % 6);
        port_ = static_cast<std::uint16_t>(kFirstPort + next() % kPortsPerClient);
        // NAT-PMP and PCP each have half of the ports, so that neither meets the other's.
        if (kind_ == Kind::PcpMap || kind_ == Kind::PcpUnmap)
            port_ = static_cast<std::uint16_t>(port_ + kPortsPerClient);
        const Bytes packet = request();
        askedAt_ = now;
        waits_ =
            ::send(socket_, packet.data(), packet.size(), 0) == static_cast<ssize_t>(packet.size());
    }

    /// Whether the answer is the one that must come; nullopt-like -1: there is none yet.
    [[nodiscard]] int receive(Clock::time_point now, std::vector<double>& latencies) {
        Bytes reply(2048);
        const ssize_t size = ::recv(socket_, reply.data(), reply.size(), 0);
        if (size < 0) return -1;
        reply.resize(static_cast<std::size_t>(size));
        if (!waits_) return 1;  // of a request that was given up
        waits_ = false;
        latencies.push_back(std::chrono::duration<double, std::milli>(now - askedAt_).count());
        return isRight(reply) ? 1 : 0;
    }

private:
    std::uint32_t next() {
        random_ = random_ * 1664525U + 1013904223U;
        return random_ >> 16;
    }

    [[nodiscard]] bool deletes() const {
        return kind_ == Kind::PmpUnmap || kind_ == Kind::PcpUnmap;
    }

    [[nodiscard]] Bytes request() const {
        Bytes bytes;
        const std::uint32_t lifetime = deletes() ? 0 : kLifetime;
        switch (kind_) {
            case Kind::Address:
                return {0, 0};
            case Kind::PmpMap:
            case Kind::PmpUnmap:
                put(bytes, 0x0001, 2);
                put(bytes, 0, 2);
                put(bytes, port_, 2);
                put(bytes, 0, 2);
                put(bytes, lifetime, 4);
                return bytes;
            case Kind::Announce:
                put(bytes, 0x0200, 2);
                put(bytes, 0, 6);
                putMapped(bytes, own_);
                return bytes;
            case Kind::PcpMap:
            case Kind::PcpUnmap:
                put(bytes, 0x0201, 2);
                put(bytes, 0, 2);
                put(bytes, lifetime, 4);
                putMapped(bytes, own_);
                put(bytes, own_, 12);
                put(bytes, 17, 1);
                put(bytes, 0, 3);
                put(bytes, port_, 2);
                put(bytes, 0, 2);
                put(bytes, 0, 16);
                return bytes;
        }
        return bytes;
    }

    [[nodiscard]] bool isRight(const Bytes& reply) {
        switch (kind_) {
            case Kind::Address:
                return reply.size() == 12 && take(reply, 0, 4) == 0x00800000 &&
                       take(reply, 8, 4) == external_;
            case Kind::Announce:
                return reply.size() == 24 && take(reply, 0, 4) == 0x02800000 &&
                       take(reply, 4, 4) == 0;
            case Kind::PmpMap:
            case Kind::PmpUnmap:
                return reply.size() == 16 && take(reply, 0, 4) == 0x00810000 &&
                       take(reply, 8, 2) == port_ &&
                       isMapped(take(reply, 10, 2), take(reply, 12, 4));
            case Kind::PcpMap:
            case Kind::PcpUnmap:
                return reply.size() == 60 && take(reply, 0, 4) == 0x02810000 &&
                       take(reply, 32, 4) == own_ && take(reply, 40, 2) == port_ &&
                       (deletes() || take(reply, 56, 4) == external_) &&
                       isMapped(deletes() ? 0 : take(reply, 42, 2), take(reply, 4, 4));
        }
        return false;
    }

    /// Returns whether the answer has the same port as long as the mapping lasts, and the lifetime
    /// that was asked for.
    [[nodiscard]] bool isMapped(std::uint32_t port, std::uint32_t lifetime) {
        if (deletes()) {
            external_of_.erase(port_);
            return port == 0 && lifetime == 0;
        }
        const auto [known, isNew] = external_of_.try_emplace(port_, port);
        return port != 0 && lifetime == kLifetime && (isNew || unknown_ || known->second == port);
    }

    std::uint32_t own_;
    std::uint32_t external_;
    std::uint32_t random_;
    int socket_;
    Kind kind_ = Kind::Address;
    std::uint16_t port_ = 0;
    bool waits_ = false;
    bool unknown_ = false;
    Clock::time_point askedAt_;
    std::map<std::uint16_t, std::uint32_t> external_of_;
};

struct Totals {
    unsigned long sent = 0;
    unsigned long answered = 0;
    unsigned long wrong = 0;
    unsigned long lost = 0;
    std::vector<double> latencies;
};

void receiveAll(std::vector<Client>& clients, std::vector<pollfd>& polled, Totals& totals) {
    const auto now = Clock::now();
    for (std::size_t i = 0; i < clients.size(); ++i) {
        if ((polled[i].revents & POLLIN) != 0)
            if (const int right = clients[i].receive(now, totals.latencies); right >= 0) {
                ++totals.answered;
                totals.wrong += right == 0 ? 1 : 0;
            }
        totals.lost += clients[i].givesUp(now) ? 1 : 0;
    }
}

void run(std::vector<Client>& clients, unsigned rate, std::chrono::seconds duration,
         Totals& totals) {
    std::vector<pollfd> polled;
    polled.reserve(clients.size());
    for (const Client& client : clients) polled.push_back({client.descriptor(), POLLIN, 0});
    const auto begin = Clock::now();
    std::size_t turn = 0;
    for (auto now = begin; now - begin < duration + kPatience; now = Clock::now()) {
        const auto due =
            static_cast<unsigned long>(std::min(std::chrono::duration<double>(now - begin),
                                                std::chrono::duration<double>(duration))
                                           .count() *
                                       rate);
        for (std::size_t tried = 0; totals.sent < due && tried < clients.size(); ++tried) {
            Client& client = clients[turn++ % clients.size()];
            if (client.waits()) continue;
            client.ask(now);
            ++totals.sent;
        }
        ::poll(polled.data(), polled.size(), 1);
        receiveAll(clients, polled, totals);
    }
}

double percentile(std::vector<double>& values, double part) {
    if (values.empty()) return 0;
    const auto nth =
        values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 7) fail("SERVER EXTERNAL FIRST-CLIENT CLIENTS REQUESTS-A-SECOND SECONDS");
    std::vector<Client> clients;
    clients.reserve(number(argv[4]));
    for (unsigned i = 0; i < number(argv[4]); ++i)
        clients.emplace_back(address(argv[3]) + i, address(argv[1]), address(argv[2]), i + 1);
    Totals totals;
    const unsigned seconds = number(argv[6]);
    run(clients, number(argv[5]), std::chrono::seconds{seconds}, totals);
    std::printf(
        "{\"sent\": %lu, \"answered\": %lu, \"wrong\": %lu, \"lost\": %lu, \"rate\": %.0f, "
        "\"median_ms\": "
        "%.3f, "
        "\"p99_ms\": %.3f}\n",
        totals.sent, totals.answered, totals.wrong, totals.lost,
        static_cast<double>(totals.answered) / seconds, percentile(totals.latencies, 0.5),
        percentile(totals.latencies, 0.99));
    return totals.wrong == 0 ? 0 : 1;
}
