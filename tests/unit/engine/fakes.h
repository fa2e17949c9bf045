// SPDX-License-Identifier: GPL-2.0-or-later
// A LAN, its hosts, and openings over a kernel that is not there: for all tests of this room.
#pragma once

#include "events.h"
#include "fake_firewall.h"
#include "host_presence.h"

#include "upnpd/portmap/openings.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

namespace igd {

using namespace std::chrono_literals;

inline Ipv4Address ipv4(const char* text) {
    return parseIpv4Address(text).value();
}
inline Ipv6Address ipv6(const char* text) {
    return parseIpv6Address(text).value();
}
inline PeerFilter filter(const char* text) {
    return parsePeerFilter(text).value();
}
inline MappingKey udp(std::uint16_t port) {
    return {Protocol::Udp, Port{port}};
}

inline const Lan kLan{.interface = *InterfaceName::parse("lan0"),
                      .addresses = {*parseIpv4Prefix("192.168.1.1/24")},
                      .addresses6 = {filter("2001:db8::1/64").remote},
                      .routed = {*parseIpv4Prefix("192.168.50.0/24")}};
inline const Ipv4Address kExternal = ipv4("80.100.100.1");
inline const Ipv4Address kConsole = ipv4("192.168.1.10");
inline const Ipv6Address kConsole6 = ipv6("2001:db8::10");
inline const Ipv4Address kPhone = ipv4("192.168.1.11");
inline const MacAddress kConsoleMac{{2, 0, 0, 0, 0, 1}};
inline const MacAddress kPhoneMac{{2, 0, 0, 0, 0, 2}};

/// A table of neighbours that says what it was asked to look for.
class FakeNeighbours final : public Neighbours {
public:
    [[nodiscard]] std::optional<MacAddress> macOf(const InterfaceName& /*interface*/,
                                                  const IpAddress& host) const override {
        const auto found = known.find(host);
        return found == known.end() ? std::nullopt : std::optional{found->second};
    }
    [[nodiscard]] std::vector<Ipv4Address> ipv4Of(const InterfaceName& /*interface*/,
                                                  const MacAddress& mac) const override {
        std::vector<Ipv4Address> addresses;
        for (const auto& [host, itsMac] : known)
            if (const auto* const address = std::get_if<Ipv4Address>(&host);
                address && itsMac == mac)
                addresses.push_back(*address);
        return addresses;
    }
    void lookFor(const InterfaceName& interface, const IpAddress& host) override {
        asked.push_back({interface, host});
    }

    std::map<IpAddress, MacAddress> known;
    std::vector<HostPresence::Watched> asked;
};

/// Records what the observer of openings was told, in words.
struct Record final : OpeningObserver {
    void openingStored(const Opening& opening) override { stored.push_back(describe(opening)); }
    void openingEnded(const Opening& opening) override { ended.push_back(describe(opening)); }
    std::vector<std::string> stored;
    std::vector<std::string> ended;
};

/// An opening as it lies in the ledger, with one claim.
inline Opening openingOf(OpeningKind kind, const IpEndpoint& internal,
                         std::optional<TimePoint> end = std::nullopt, Origin origin = Origin::Igd) {
    return {.kind = kind,
            .protocol = Protocol::Udp,
            .externalPort = kind == OpeningKind::Mapping ? internal.port : Port{0},
            .internal = internal,
            .claims = {{.origin = origin, .requester = internal.address, .expiresAt = end}},
            .account = accountOf(Host{internal.address})};
}
inline Opening mappingOf(const Ipv4Address& client, std::uint16_t port,
                         std::optional<TimePoint> end = std::nullopt, Origin origin = Origin::Igd) {
    return openingOf(OpeningKind::Mapping, {client, Port{port}}, end, origin);
}
inline Opening flowOf(const Ipv4Address& client, std::uint16_t port,
                      std::optional<TimePoint> end = std::nullopt) {
    Opening flow = openingOf(OpeningKind::Peer, {client, Port{port}}, end, Origin::Pcp);
    flow.externalPort = Port{port};
    flow.remote = filter("80.1.2.3@53");
    flow.flowAddress = kExternal;
    flow.claims.front().nonce = Nonce{1};
    return flow;
}

/// A loop that tests turn.
class LoopTest : public testing::Test {
protected:
    void poll() {
        loop_.restart();
        loop_.poll();
    }
    /// Runs what is due within that time and nothing that is due later, however busy the machine.
    void runFor(std::chrono::milliseconds time) {
        boost::asio::steady_timer end{loop_, time};
        end.async_wait([this](boost::system::error_code) { loop_.stop(); });
        loop_.restart();
        loop_.run();
    }
    /// Runs until `isOver()`; fails when that takes five seconds.
    template <class Condition>
    void runUntil(Condition isOver) {
        const TimePoint end = Clock::now() + 5s;
        loop_.restart();
        while (!isOver()) ASSERT_NE(loop_.run_one_until(end), 0U) << "nothing more happens";
    }
    /// Nothing is planned in the loop.
    [[nodiscard]] bool isIdle() {
        poll();
        return loop_.stopped();
    }
    /// Returns when that time has passed and the loop has not turned: what is due then is due at
    /// once.
    static void pass(std::chrono::milliseconds time) {
        for (const TimePoint end = Clock::now() + time; Clock::now() <= end;) {
        }
    }

    boost::asio::io_context loop_{1};
};

/// Openings over a fake kernel.
class EngineTest : public LoopTest {
protected:
    EngineTest() { openings_.changeExternal({kExternal, kExternal}, Clock::now()); }

    FakeFirewall firewall_;
    Record record_;
    Events events_{record_};
    std::optional<Seconds> defaultLease_;
    Openings openings_{Policy{{}},
                       {.firewall = firewall_,
                        .observer = events_,
                        .portInUse = [](const MappingKey&) { return false; },
                        .defaultLease = [this] { return defaultLease_; }}};
};

}  // namespace igd
