// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/host_quota.h"

#include <gtest/gtest.h>

#include <vector>

namespace igd {
namespace {

constexpr Ipv4Address kAlice{0xc0a8320a};
constexpr Ipv4Address kBob{0xc0a8320b};

TEST(HostQuota, HoldsForEachHostAndForAll) {
    HostQuota quota{2, 3};
    const auto first = quota.take(kAlice);
    const auto second = quota.take(kAlice);
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(quota.take(kAlice));
    const auto third = quota.take(kBob);
    EXPECT_TRUE(third);
    EXPECT_FALSE(quota.take(kBob));
}

TEST(HostQuota, ATicketThatEndsMakesRoom) {
    HostQuota quota{1, 1};
    {
        const auto ticket = quota.take(kAlice);
        EXPECT_FALSE(quota.take(kBob));
    }
    EXPECT_TRUE(quota.take(kBob));
}

TEST(HostQuota, ATicketMayOutliveTheQuota) {
    auto quota = std::make_unique<HostQuota>(1, 1);
    const auto ticket = quota->take(kAlice);
    quota.reset();
    EXPECT_TRUE(ticket);
}

TEST(HostQuota, CountsWhatAHostHolds) {
    HostQuota quota{2, 3};
    EXPECT_EQ(quota.of(kAlice), 0U);
    const auto ticket = quota.take(kAlice);
    EXPECT_EQ(quota.of(kAlice), 1U);
    EXPECT_EQ(quota.of(kBob), 0U);
}

TEST(HostQuota, KeepsAQuarterForHostsThatHoldNone) {
    HostQuota quota{16, 128};
    std::vector<HostQuota::Ticket> tickets;
    const auto takes = [&](std::uint32_t host) {
        auto ticket = quota.take(Ipv4Address{host});
        if (ticket) tickets.push_back(std::move(*ticket));
        return ticket.has_value();
    };
    for (std::uint32_t host = 0; host < 8; ++host)
        for (int i = 0; i < 16; ++i) static_cast<void>(takes(host));
    EXPECT_EQ(tickets.size(), 98U);  // six have 16, and the others one of the rest
    for (std::uint32_t host = 8; host < 38; ++host) EXPECT_TRUE(takes(host)) << host;
    EXPECT_FALSE(takes(38));
}

TEST(HostQuota, CountsAmounts) {
    HostQuota bytes{100, 200, 0};
    auto first = bytes.take(kAlice, 60);
    EXPECT_FALSE(bytes.take(kAlice, 41));
    const auto second = bytes.take(kAlice, 40);
    EXPECT_TRUE(second);
    first.reset();
    EXPECT_EQ(bytes.of(kAlice), 40U);
    EXPECT_TRUE(bytes.take(kBob, 100));
}

TEST(HostQuota, BodiesOfManyConnectionsStayWithinTheBudget) {
    constexpr std::size_t kBody = 65536;
    HostQuota bytes{1 << 20, 4 << 20};
    std::vector<HostQuota::Ticket> tickets;
    for (std::uint32_t i = 0; i < 256; ++i) {
        auto ticket = bytes.take(kAlice, kBody);
        if (ticket) tickets.push_back(std::move(*ticket));
    }
    EXPECT_EQ(tickets.size() * kBody, 1U << 20);
    for (std::uint32_t i = 0; i < 256; ++i) {
        auto ticket = bytes.take(Ipv4Address{i % 20}, kBody);
        if (ticket) tickets.push_back(std::move(*ticket));
    }
    EXPECT_LE(tickets.size() * kBody, 4U << 20);
    EXPECT_TRUE(bytes.take(kBob, kBody));
}

}  // namespace
}  // namespace igd
