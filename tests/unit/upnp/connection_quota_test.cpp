// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/connection_quota.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <optional>

namespace igd::upnp {
namespace {

constexpr Ipv4Address kAlice{0xc0a8320a};
constexpr Ipv4Address kBob{0xc0a8320b};

/// A connection of the given host notes when it has to give way.
class Connection final : public Waiter {
public:
    Connection(ConnectionQuota& quota, const HostKey& host)
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
    std::optional<HostQuota::Ticket> ticket_;
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

TEST(ConnectionQuota, ManyHostsTakeNothingFromOne) {
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

}  // namespace
}  // namespace igd::upnp
