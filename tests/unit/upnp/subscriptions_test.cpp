// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/subscriptions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr Ipv4Address kAlice{0xc0a8320a};
constexpr Ipv4Address kBob{0xc0a8320b};
constexpr Ipv4Address kCarol{0xc0a8320c};
const TimePoint t0{};

class SubscriptionsTest : public testing::Test {
protected:
    /// Subscribes somebody who listens on that port, at t0 plus as many seconds as there have been
    /// subscriptions, until t0 + 1800 s. Returns an empty SID when there is no room.
    Sid subscribe(Ipv4Address who, const Service& service, std::uint16_t port = 5000) {
        const auto added =
            subscriptions_.add({who, who, service, {{{who, Port{port}}, "/"}}, kCarol}, t0 + 1800s,
                               t0 + Seconds{number_++});
        ended_ = added ? added->ended : std::nullopt;
        return added ? added->sid : Sid{};
    }
    Sid subscribe(Ipv4Address who) { return subscribe(who, service_); }
    bool has(const Sid& sid) { return subscriptions_.find(sid) != nullptr; }

    const Service& service_ = *allServices({})[0];
    const Service& otherService_ = *allServices({})[1];
    Subscriptions subscriptions_{3, 5};
    int number_ = 0;
    std::optional<Sid> ended_;
};

TEST_F(SubscriptionsTest, FindsASubscriptionOfItsSubscriberAndService) {
    const Sid sid = subscribe(kAlice);
    const auto* const found = subscriptions_.find(sid, kAlice, service_, t0);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->sid, sid);
}

TEST_F(SubscriptionsTest, KnowsNoForeignSid) {  // GENA-RENEW-02 to 04
    const Sid sid = subscribe(kAlice);
    EXPECT_FALSE(subscriptions_.find("uuid:b", kAlice, service_, t0));
    EXPECT_FALSE(subscriptions_.find(sid, kBob, service_, t0));
    EXPECT_FALSE(subscriptions_.find(sid, kAlice, otherService_, t0));
}

TEST_F(SubscriptionsTest, KnowsNoSidThatHasEnded) {
    const Sid sid = subscribe(kAlice);
    EXPECT_TRUE(subscriptions_.find(sid, kAlice, service_, t0 + 1799s));
    EXPECT_FALSE(subscriptions_.find(sid, kAlice, service_, t0 + 1800s));
}

TEST_F(SubscriptionsTest, ExpiryFreesItsRoom) {  // GENA-RENEW-05
    const Sid first = subscribe(kAlice);
    const Sid second = subscribe(kAlice);
    subscriptions_.find(second)->expiresAt = t0 + 3600s;
    EXPECT_THAT(subscriptions_.takeExpired(t0 + 1799s), IsEmpty());
    EXPECT_THAT(subscriptions_.takeExpired(t0 + 1800s), ElementsAre(first));
    EXPECT_THAT(subscriptions_.all(), SizeIs(1));
}

TEST_F(SubscriptionsTest, AHostAtItsLimitGetsNoneToAFurtherService) {  // GENA-SUBSCRIBE-12
    for (int i = 0; i < 3; ++i) subscribe(kAlice);
    EXPECT_EQ(subscribe(kAlice, otherService_), "");
    EXPECT_THAT(subscriptions_.all(), SizeIs(3));
    EXPECT_NE(subscribe(kBob), "");
}

TEST_F(SubscriptionsTest, AControlPointThatRestartsAlwaysFindsRoom) {
    const Sid other = subscribe(kBob);
    Sid last;
    for (std::uint16_t port = 0; port < 60; ++port) {
        last = subscribe(kAlice, service_, static_cast<std::uint16_t>(5000 + port));
        ASSERT_NE(last, "") << port;
    }
    EXPECT_THAT(subscriptions_.all(), SizeIs(4));
    EXPECT_TRUE(has(other) && has(last));
}

TEST_F(SubscriptionsTest, AtItsLimitAHostGivesUpWhatFailsThenWhatIsTheSame) {
    const Sid oldest = subscribe(kAlice, service_, 5001);
    const Sid same = subscribe(kAlice, service_, 5002);
    const Sid failing = subscribe(kAlice, service_, 5003);
    subscriptions_.find(failing)->failures = 1;
    subscribe(kAlice, service_, 5002);
    EXPECT_EQ(ended_, failing);
    subscribe(kAlice, service_, 5002);
    EXPECT_EQ(ended_, same);
    EXPECT_TRUE(has(oldest));
    subscribe(kAlice, service_, 5004);
    EXPECT_EQ(ended_, oldest);
}

TEST_F(SubscriptionsTest, WhenAllAreTakenTheOneWithMostFailuresGivesWay) {
    const Sid bobs = subscribe(kBob);
    for (int i = 0; i < 3; ++i) subscribe(kAlice);
    const Sid carols = subscribe(kCarol);
    subscriptions_.find(carols)->failures = 1;
    subscriptions_.find(bobs)->failures = 2;
    EXPECT_NE(subscribe(Ipv4Address{kCarol.value() + 1}), "");
    EXPECT_EQ(ended_, bobs);
}

TEST_F(SubscriptionsTest, WhenAllAreTakenTheHostThatHasMostGivesWay) {
    const Sid first = subscribe(kAlice);
    for (int i = 0; i < 2; ++i) subscribe(kAlice);
    subscribe(kBob);
    subscribe(kCarol);
    EXPECT_NE(subscribe(Ipv4Address{kCarol.value() + 1}), "");
    EXPECT_EQ(ended_, first);
    EXPECT_EQ(subscribe(kBob), "");  // Alice would be left with fewer than Bob
    EXPECT_THAT(subscriptions_.all(), SizeIs(5));
}

TEST_F(SubscriptionsTest, AddressesOfOneHostAreOneHost) {
    const HostKey host = MacAddress{{0, 0x11, 0x32, 0xaa, 0xbb, 0xcc}};
    for (std::uint32_t number = 0; number < 8; ++number) {
        const Ipv4Address address{kCarol.value() + number};
        EXPECT_TRUE(subscriptions_.add({address, host, service_, {}, kCarol}, t0 + 1800s, t0));
    }
    EXPECT_THAT(subscriptions_.all(), SizeIs(3));
}

TEST(Sid, IsARandomUuid) {
    EXPECT_THAT(randomSid(), MatchesRegex("uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                                          "[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    EXPECT_NE(randomSid(), randomSid());
}

}  // namespace
}  // namespace igd::upnp
