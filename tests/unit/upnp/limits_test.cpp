// SPDX-License-Identifier: GPL-2.0-or-later
#include "peer_quota.h"
#include "upnpd/net/rate_limit.h"

#include <gtest/gtest.h>

#include <memory>

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

}  // namespace
}  // namespace igd::upnp
