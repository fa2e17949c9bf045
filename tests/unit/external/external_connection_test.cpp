// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/external_connection.h"

#include "fake_interfaces.h"
#include "fake_stun.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using From = ExternalAddressSetting::From;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const InterfaceName kExternalName = InterfaceName::parse("wan0").value();
const Ipv4Address kPublic{0x50646401};       // 80.100.100.1
const Ipv4Address kOtherPublic{0x50646402};  // 80.100.100.2
const Ipv4Address kPrivate{0x0a000002};      // 10.0.0.2
const Ipv4Address kSeen{0x50010203};         // 80.1.2.3
const Ipv4Address kSeenLater{0x50010204};    // 80.1.2.4
const ExternalAddressSetting kAsk{From::Stun, {}, {"stun.example", Port{3478}}};

class ExternalConnectionTest : public testing::Test {
protected:
    explicit ExternalConnectionTest(ExternalAddressSetting setting = {})
        : connection_(
              loop_, Wan{interfaces_, kExternalName, {}, std::move(setting)},
              [this] { epochs_.push_back(connection_.epochStart()); }, stun_.start()) {}

    void has(std::optional<Ipv4Address> address) {
        interfaces_.set(kExternalName, address);
        connection_.refresh(Clock::now());
    }
    /// The server, asked last, says so.
    void serverSees(Ipv4Address address) {
        stun_.report({StunAnswer{{address, Port{40000}}, Port{40000}}, ""});
        loop_.restart();
        loop_.poll();
    }
    /// Returns whether the epoch is another one than at the last such call.
    bool epochIsNew() {
        return std::exchange(epoch_, connection_.epochStart()) != connection_.epochStart();
    }
    [[nodiscard]] std::optional<Ipv4Address> told() const {
        return connection_.wan().external().told();
    }

    boost::asio::io_context loop_{1};
    FakeInterfaces interfaces_;
    FakeStun stun_;
    std::vector<TimePoint> epochs_;  ///< the epoch at each call of `changed`
    ExternalConnection connection_;
    TimePoint epoch_ = connection_.epochStart();
};

class StunConnectionTest : public ExternalConnectionTest {
protected:
    StunConnectionTest() : ExternalConnectionTest(kAsk) {}
};

TEST_F(ExternalConnectionTest, AnotherAddressBeginsAnEpochAndIsToldOnce) {
    has(kPublic);
    EXPECT_TRUE(epochIsNew());
    has(kOtherPublic);
    EXPECT_TRUE(epochIsNew());
    ASSERT_EQ(epochs_.size(), 2U);
    EXPECT_EQ(epochs_.back(), epoch_) << "the epoch is new by the time of the call";
    EXPECT_EQ(told(), kOtherPublic);
}

TEST_F(ExternalConnectionTest, TheEpochOfAnotherRouterGoesOn) {
    has(kPublic);
    const TimePoint start = Clock::now() - Seconds{3600};
    connection_.continueEpoch(start);
    EXPECT_EQ(connection_.epochStart(), start);
    has(kPublic);
    EXPECT_EQ(connection_.epochStart(), start) << "nothing was lost";
    has(kOtherPublic);
    EXPECT_GT(connection_.epochStart(), start);
}

TEST_F(ExternalConnectionTest, AnotherInterfaceIsToldWithItsAddress) {
    has(kPublic);
    (void)epochIsNew();
    const InterfaceName other = InterfaceName::parse("wan1").value();
    interfaces_.set(other, kOtherPublic);
    connection_.moveTo(other, Clock::now());
    EXPECT_TRUE(epochIsNew());
    EXPECT_EQ(told(), kOtherPublic);
    EXPECT_EQ(connection_.wan().name(), other);
    EXPECT_EQ(epochs_.size(), 2U);
    connection_.moveTo(other, Clock::now());
    EXPECT_EQ(epochs_.size(), 2U) << "it is that one already";
    connection_.moveTo(InterfaceName::none(), Clock::now());
    EXPECT_FALSE(told());
    EXPECT_EQ(describe(connection_.wan().view()), "auto (no default route yet)");
}

TEST_F(ExternalConnectionTest, NothingIsToldOfWhatStaysAsItWas) {
    has(kPublic);
    (void)epochIsNew();
    has(kPublic);
    EXPECT_FALSE(epochIsNew());
    EXPECT_EQ(epochs_.size(), 1U);
}

TEST_F(ExternalConnectionTest, ALostAddressBeginsAnEpoch) {
    has(kPublic);
    (void)epochIsNew();
    has(std::nullopt);
    EXPECT_TRUE(epochIsNew());
    EXPECT_EQ(epochs_.size(), 2U);
    EXPECT_EQ(told(), std::nullopt);
}

TEST_F(ExternalConnectionTest, ALinkWithoutAddressIsToldButLosesNoOpening) {
    has(std::nullopt);  // there is an interface now
    (void)epochIsNew();
    interfaces_.of(kExternalName).running = false;
    connection_.refresh(Clock::now());
    EXPECT_FALSE(epochIsNew());
    EXPECT_EQ(epochs_.size(), 2U);
}

TEST_F(ExternalConnectionTest, IsConnectedSinceItHasItsAddress) {
    const TimePoint start = Clock::now();
    interfaces_.set(kExternalName, kPublic);
    connection_.refresh(start);
    connection_.refresh(start + Seconds{5});
    EXPECT_EQ(connection_.wan().status().connectedFor(start + Seconds{9}), Seconds{9});
    interfaces_.set(kExternalName, kOtherPublic);
    connection_.refresh(start + Seconds{10});
    EXPECT_EQ(connection_.wan().status().connectedFor(start + Seconds{12}), Seconds{2});
    interfaces_.set(kExternalName, std::nullopt);
    connection_.refresh(start + Seconds{13});
    EXPECT_EQ(connection_.wan().status().connectedFor(start + Seconds{20}), Seconds{0});
}

TEST_F(ExternalConnectionTest, TellsConfiguredBitRatesAndTheKernelsCounters) {
    interfaces_.counted = {
        .bytesSent = 1, .bytesReceived = 2, .packetsSent = 3, .packetsReceived = 4};
    connection_.setBitRates({8'000'000, 50'000'000});
    GatewayStatus status = connection_.wan().status();
    EXPECT_EQ(status.bytesSent, 0U);
    connection_.wan().count(status);
    EXPECT_EQ(status.upstreamBitRate, 8'000'000U);
    EXPECT_EQ(status.downstreamBitRate, 50'000'000U);
    EXPECT_EQ(status.bytesSent, 1U);
    EXPECT_EQ(status.bytesReceived, 2U);
    EXPECT_EQ(status.packetsSent, 3U);
    EXPECT_EQ(status.packetsReceived, 4U);
}

TEST_F(ExternalConnectionTest, AnotherSettingBeginsAnEpochIfTheAddressToldIsAnother) {
    has(kPrivate);
    (void)epochIsNew();
    connection_.set({From::Configured, kSeen, {}});
    EXPECT_TRUE(epochIsNew());
    EXPECT_EQ(epochs_.size(), 2U);
    EXPECT_EQ(told(), kSeen);
    EXPECT_THAT(connection_.wan().addresses(), ElementsAre(kPrivate, kSeen));
    connection_.set({From::Configured, kSeen, {"unused.example", Port{1}}});
    EXPECT_FALSE(epochIsNew());
    EXPECT_EQ(epochs_.size(), 2U);
}

TEST_F(ExternalConnectionTest, NobodyIsAskedUnlessAServerIsConfigured) {
    has(kPrivate);
    connection_.ask();
    EXPECT_THAT(stun_.questions, IsEmpty());
    connection_.set(kAsk);
    EXPECT_THAT(stun_.questions, ElementsAre("wan0 10.0.0.2 stun.example:3478"));
}

TEST_F(StunConnectionTest, AsksFromEachNewAddressThatIsNotPublic) {
    has(kPublic);
    EXPECT_THAT(stun_.questions, IsEmpty()) << "a public address needs no server";
    has(kPrivate);
    EXPECT_THAT(stun_.questions, ElementsAre("wan0 10.0.0.2 stun.example:3478"));
}

TEST_F(StunConnectionTest, WhatAServerSeesIsToldInANewEpoch) {
    has(kPrivate);
    (void)epochIsNew();
    EXPECT_EQ(told(), kPrivate) << "until the server has answered";
    serverSees(kSeen);
    EXPECT_EQ(told(), kSeen);
    EXPECT_TRUE(epochIsNew());
    ASSERT_EQ(epochs_.size(), 2U);
    EXPECT_EQ(epochs_.back(), epoch_);
}

TEST_F(StunConnectionTest, TheSameAnswerAgainChangesNothing) {
    has(kPrivate);
    serverSees(kSeen);
    (void)epochIsNew();
    stun_.reap();
    connection_.childEnded();
    connection_.ask();
    serverSees(kSeen);
    EXPECT_FALSE(epochIsNew());
    EXPECT_EQ(epochs_.size(), 2U);
    EXPECT_EQ(stun_.questions.size(), 2U);
}

TEST_F(StunConnectionTest, AnotherAnswerBeginsAnotherEpoch) {
    has(kPrivate);
    serverSees(kSeen);
    (void)epochIsNew();
    stun_.reap();
    connection_.childEnded();
    connection_.ask();
    serverSees(kSeenLater);
    EXPECT_TRUE(epochIsNew());
    EXPECT_EQ(told(), kSeenLater);
    EXPECT_EQ(epochs_.size(), 3U);
}

TEST_F(StunConnectionTest, AnAnswerToAnEarlierAddressDoesNotCount) {
    has(kPrivate);
    has(kPublic);
    serverSees(kSeen);
    EXPECT_EQ(told(), kPublic);
    EXPECT_EQ(epochs_.size(), 2U);
}

TEST_F(StunConnectionTest, ARouterInFrontIsSaidOnce) {
    testing::internal::CaptureStderr();
    has(kPrivate);
    for (int i = 0; i < 2; ++i) {
        serverSees(kSeen);
        stun_.reap();
        connection_.childEnded();
        connection_.ask();
    }
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_THAT(log, HasSubstr("stun: "));
    EXPECT_EQ(log.find("stun: "), log.rfind("stun: ")) << log;
}

TEST_F(StunConnectionTest, NobodyIsAskedAfterStop) {
    has(kPrivate);
    connection_.stop();
    stun_.reap();
    connection_.childEnded();
    connection_.ask();
    has(kSeen);
    has(kPrivate);
    EXPECT_EQ(stun_.questions.size(), 1U);
    const std::size_t before = epochs_.size();
    serverSees(kSeen);
    EXPECT_EQ(epochs_.size(), before);
}

}  // namespace
}  // namespace igd
