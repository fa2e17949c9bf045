// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/subscriptions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

using testing::MatchesRegex;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr Ipv4Address kAlice{0xc0a8320a};
constexpr Ipv4Address kBob{0xc0a8320b};
const TimePoint t0{};

class SubscriptionsTest : public testing::Test {
protected:
    /// A confirmed one that ends at t0 + 1800 s.
    Token subscribe(Ipv4Address who, const std::string& sid) {
        const auto token = subscriptions_.reserve(who, service_, t0 + 30s).value();
        EXPECT_TRUE(subscriptions_.confirm(token, sid, t0 + 1800s));
        return token;
    }

    const Service& service_ = *allServices({})[0];
    const Service& otherService_ = *allServices({})[1];
    Subscriptions subscriptions_{2, 3};
};

TEST_F(SubscriptionsTest, FindsASubscriptionOfItsSubscriberAndService) {
    const Token token = subscribe(kAlice, "uuid:a");
    const auto found = subscriptions_.find("uuid:a", kAlice, service_, t0);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->token, token);
}

TEST_F(SubscriptionsTest, KnowsNoForeignSid) {  // GENA-RENEW-02 to 04
    subscribe(kAlice, "uuid:a");
    EXPECT_FALSE(subscriptions_.find("uuid:b", kAlice, service_, t0));
    EXPECT_FALSE(subscriptions_.find("uuid:a", kBob, service_, t0));
    EXPECT_FALSE(subscriptions_.find("uuid:a", kAlice, otherService_, t0));
}

TEST_F(SubscriptionsTest, KnowsNoSidThatHasEnded) {
    subscribe(kAlice, "uuid:a");
    EXPECT_TRUE(subscriptions_.find("uuid:a", kAlice, service_, t0 + 1799s));
    EXPECT_FALSE(subscriptions_.find("uuid:a", kAlice, service_, t0 + 1800s));
}

TEST_F(SubscriptionsTest, IsNotConfirmedAfterItWasForgotten) {
    const auto token = subscriptions_.reserve(kAlice, service_, t0 + 30s).value();
    EXPECT_THAT(subscriptions_.takeExpired(t0 + 30s), SizeIs(1));
    subscriptions_.erase(token);
    EXPECT_FALSE(subscriptions_.confirm(token, "uuid:a", t0 + 1800s));
    EXPECT_FALSE(subscriptions_.find("uuid:a", kAlice, service_, t0));
}

TEST_F(SubscriptionsTest, RenewalMovesTheEnd) {  // GENA-RENEW-01
    subscriptions_.renew(subscribe(kAlice, "uuid:a"), t0 + 3600s);
    EXPECT_TRUE(subscriptions_.find("uuid:a", kAlice, service_, t0 + 3599s));
    EXPECT_EQ(subscriptions_.nextExpiry(), t0 + 3600s);
}

TEST_F(SubscriptionsTest, HasRoomForSoManyOfAPeerAndInAll) {  // GENA-SUBSCRIBE-12
    subscribe(kAlice, "uuid:a");
    const Token second = subscribe(kAlice, "uuid:b");
    EXPECT_FALSE(subscriptions_.reserve(kAlice, service_, t0));
    subscribe(kBob, "uuid:c");
    EXPECT_FALSE(subscriptions_.reserve(kBob, service_, t0));
    subscriptions_.erase(second);
    EXPECT_TRUE(subscriptions_.reserve(kBob, service_, t0));
}

TEST_F(SubscriptionsTest, ExpiryFreesItsRoom) {  // GENA-RENEW-05
    subscribe(kAlice, "uuid:a");
    subscribe(kAlice, "uuid:b");
    EXPECT_THAT(subscriptions_.takeExpired(t0 + 1799s), SizeIs(0));
    EXPECT_THAT(subscriptions_.takeExpired(t0 + 1800s), SizeIs(2));
    EXPECT_FALSE(subscriptions_.nextExpiry());
    EXPECT_TRUE(subscriptions_.reserve(kAlice, service_, t0));
}

TEST_F(SubscriptionsTest, WhatIsNeverConfirmedEndsEarly) {
    ASSERT_TRUE(subscriptions_.reserve(kAlice, service_, t0 + 30s));
    EXPECT_THAT(subscriptions_.takeExpired(t0 + 30s), SizeIs(1));
}

TEST(Token, IsLongAndNeverTheSame) {
    EXPECT_THAT(randomToken(), MatchesRegex("[0-9a-f]{32}"));
    EXPECT_NE(randomToken(), randomToken());
}

}  // namespace
}  // namespace igd::upnp
