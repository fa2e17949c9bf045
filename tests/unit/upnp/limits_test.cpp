// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/connection_quota.h"

#include "upnpd/net/rate_limit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <memory>
#include <set>
#include <vector>

namespace igd::upnp {
namespace {

using namespace std::chrono_literals;

constexpr Ipv4Address kAlice{0xc0a8320a};
constexpr Ipv4Address kBob{0xc0a8320b};
const TimePoint t0{Seconds{100}};

TEST(PeerQuota, HoldsForEachPeerAndForAll) {
    PeerQuota quota{2, 3};
    const auto first = quota.take(kAlice);
    const auto second = quota.take(kAlice);
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(quota.take(kAlice));
    const auto third = quota.take(kBob);
    EXPECT_TRUE(third);
    EXPECT_FALSE(quota.take(kBob));
}

TEST(PeerQuota, ATicketThatEndsMakesRoom) {
    PeerQuota quota{1, 1};
    {
        const auto ticket = quota.take(kAlice);
        EXPECT_FALSE(quota.take(kBob));
    }
    EXPECT_TRUE(quota.take(kBob));
}

TEST(PeerQuota, ATicketMayOutliveTheQuota) {
    auto quota = std::make_unique<PeerQuota>(1, 1);
    const auto ticket = quota->take(kAlice);
    quota.reset();
    EXPECT_TRUE(ticket);
}

TEST(PeerQuota, CountsWhatAPeerHas) {
    PeerQuota quota{2, 3};
    EXPECT_EQ(quota.of(kAlice), 0U);
    const auto ticket = quota.take(kAlice);
    EXPECT_EQ(quota.of(kAlice), 1U);
    EXPECT_EQ(quota.of(kBob), 0U);
}

/// A connection of the given host notes when it has to give way.
class Connection final : public Waiter {
public:
    Connection(ConnectionQuota& quota, const IpAddress& host)
        : Waiter(host), ticket_(quota.take(host)) {
        if (ticket_) quota.waits(*this);
    }
    void giveWay() override {
        ticket_.reset();
        gaveWay_ = true;
    }
    void linger(ConnectionQuota& quota) {
        ticket_.reset();
        quota.lingers(*this);
    }
    [[nodiscard]] bool isOpen() const { return ticket_.has_value(); }
    [[nodiscard]] bool gaveWay() const { return gaveWay_; }

private:
    std::optional<PeerQuota::Ticket> ticket_;
    bool gaveWay_ = false;
};

/// So many addresses after Bob's.
Ipv4Address host(unsigned number) {
    return Ipv4Address{kBob.value() + number};
}

TEST(ConnectionQuota, TheHostWithMostGivesWayToAnother) {
    ConnectionQuota quota{3, 4};
    Connection first{quota, kAlice};
    Connection second{quota, kAlice};
    Connection third{quota, kAlice};
    const Connection others{quota, host(1)};
    quota.waits(first);  // it has just been heard of
    const Connection bobs{quota, kBob};
    EXPECT_TRUE(bobs.isOpen());
    EXPECT_FALSE(second.isOpen());  // the one that has waited longest
    EXPECT_TRUE(first.isOpen() && third.isOpen() && others.isOpen());
}

TEST(ConnectionQuota, NobodyGivesWayToAHostThatHasAsMany) {
    ConnectionQuota quota{3, 2};
    const Connection alices{quota, kAlice};
    const Connection bobs{quota, kBob};
    const Connection more{quota, kBob};
    EXPECT_FALSE(more.isOpen());
    EXPECT_TRUE(alices.isOpen() && bobs.isOpen());
}

TEST(ConnectionQuota, NoneIsClosedForAHostAtItsOwnLimit) {
    ConnectionQuota quota{1, 9};
    const Connection alices{quota, kAlice};
    const Connection more{quota, kAlice};
    EXPECT_FALSE(more.isOpen());
    EXPECT_TRUE(alices.isOpen());
}

TEST(ConnectionQuota, WhatWeAreWorkingForGivesWayLast) {
    ConnectionQuota quota{3, 3};
    Connection first{quota, kAlice};
    Connection second{quota, kAlice};
    Connection third{quota, kAlice};
    quota.works(first);
    quota.works(second);
    Connection bobs{quota, kBob};
    EXPECT_FALSE(third.isOpen());
    EXPECT_TRUE(bobs.isOpen() && first.isOpen() && second.isOpen());
    quota.works(bobs);
    EXPECT_TRUE((Connection{quota, host(1)}.isOpen()));
    EXPECT_FALSE(second.isOpen());  // the one for which work has begun last
    EXPECT_TRUE(first.isOpen() && bobs.isOpen());
}

TEST(ConnectionQuota, ManyAddressesTakeNothingFromOne) {
    constexpr unsigned kAll = 16;
    ConnectionQuota quota{8, kAll};
    std::list<Connection> connections;
    for (unsigned i = 0; i < 4 * kAll; ++i) connections.emplace_back(quota, host(1 + i));
    const Connection alices{quota, kAlice};
    EXPECT_TRUE(alices.isOpen());
}

TEST(ConnectionQuota, WhatLingersCountsNoMoreAndIsBounded) {
    ConnectionQuota quota{1, 1};
    std::list<Connection> connections;
    while (connections.empty() || !connections.front().gaveWay()) {
        connections.emplace_back(quota, kAlice);
        ASSERT_TRUE(connections.back().isOpen());
        connections.back().linger(quota);
        ASSERT_LT(connections.size(), 1000U);
    }
    const auto gone = std::ranges::count_if(connections, &Connection::gaveWay);
    EXPECT_EQ(gone, 1);
}

TEST(RateLimit, AdmitsSoManyOfAPeerInASecond) {  // SSDP-MSEARCH-31
    RateLimit limit{2, 10};
    EXPECT_TRUE(limit.admits(kAlice, t0));
    EXPECT_TRUE(limit.admits(kAlice, t0 + 500ms));
    EXPECT_FALSE(limit.admits(kAlice, t0 + 999ms));
    EXPECT_TRUE(limit.admits(kBob, t0 + 999ms));
    EXPECT_TRUE(limit.admits(kAlice, t0 + 1s));
}

TEST(RateLimit, AdmitsSoManyInAll) {
    RateLimit limit{10, 3};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.admits(kAlice, t0));
    EXPECT_FALSE(limit.admits(kBob, t0));
}

/// In each of so many seconds: requests of `hosts` addresses as fast as they go, and then one of
/// Alice. How many of hers are admitted; no second may have more than `total`.
int admittedBeside(unsigned hosts, std::size_t perPeer, std::size_t total, int seconds) {
    RateLimit limit{perPeer, total};
    int admitted = 0;
    for (int second = 0; second < seconds; ++second) {
        const auto now = t0 + Seconds{second};
        std::size_t all = 0;
        for (unsigned i = 0; i < 100 * hosts; ++i)
            all += limit.admits(host(1 + i % hosts), now) ? 1 : 0;
        const bool hers = limit.admits(kAlice, now);
        admitted += hers ? 1 : 0;
        EXPECT_LE(all + (hers ? 1 : 0), total);
    }
    return admitted;
}

TEST(RateLimit, KeepsRoomBesideAHostWithManyAddresses) {
    EXPECT_EQ(admittedBeside(9, 20, 200, 10), 10);  // there is room for all
    EXPECT_EQ(admittedBeside(50, 20, 200, 10), 9);  // there is none in the first second
    EXPECT_GE(admittedBeside(253, 20, 200, 20), 10);
}

TEST(RateLimit, KeepsRoomForAHostThatHasNotAskedBefore) {
    constexpr unsigned kFlood = 50;
    RateLimit limit{20, 200};
    const auto newcomer = [](unsigned second) { return host(1000 + second); };
    for (unsigned second = 0; second < 10; ++second) {
        const auto now = t0 + Seconds{second};
        for (unsigned i = 0; i < 100 * kFlood; ++i)
            static_cast<void>(limit.admits(host(1 + i % kFlood), now));
        const bool isAdmitted = limit.admits(newcomer(second - 1), now);  // it asks again
        EXPECT_TRUE(isAdmitted || second == 0) << second;
        static_cast<void>(limit.admits(newcomer(second), now));
    }
}

TEST(RateLimit, AShareIsNotTakenFromThoseWhoAskForLittle) {
    RateLimit limit{10, 20};
    for (int second = 0; second < 3; ++second)
        for (int i = 0; i < 10; ++i) EXPECT_TRUE(limit.admits(kAlice, t0 + Seconds{second}));
}

TEST(RateLimit, AfterAQuietSecondNobodyHasAShare) {
    RateLimit limit{10, 20};
    for (unsigned i = 0; i < 100; ++i) static_cast<void>(limit.admits(host(i % 10), t0));
    EXPECT_TRUE(limit.admits(kAlice, t0 + 1s));
    EXPECT_TRUE(limit.admits(kAlice, t0 + 1s));
    EXPECT_FALSE(limit.admits(kAlice, t0 + 1s));  // 20 for 10 hosts
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(limit.admits(kAlice, t0 + 3s));
}

TEST(RateLimit, RemembersSoManyHosts) {
    RateLimit limit{2, 100000};
    for (unsigned i = 0; i < RateLimit::kHosts; ++i) EXPECT_TRUE(limit.admits(host(1 + i), t0));
    EXPECT_FALSE(limit.admits(kAlice, t0));
    EXPECT_TRUE(limit.admits(host(1), t0));
    EXPECT_TRUE(limit.admits(kAlice, t0 + 1s));
}

}  // namespace
}  // namespace igd::upnp
