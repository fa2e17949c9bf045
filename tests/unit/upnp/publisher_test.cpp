// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr Ipv4Address kAlice{0xc0a8320a};
constexpr Ipv4Address kOwn{0xc0a83201};
constexpr std::string_view kConnection = "urn:upnp-org:serviceId:WANIPConn1";
constexpr std::string_view kLayer3 = "urn:upnp-org:serviceId:L3Forwarding1";

/// Keeps the events instead of sending them.
class Outbox final : public EventSender {
public:
    void send(Event event) override { events.push_back(std::move(event)); }
    void cancel(const Sid& sid) override { cancelled.push_back(sid); }

    std::vector<Event> events;
    std::vector<Sid> cancelled;
};

DeviceIdentity identity() {
    DeviceIdentity device;
    device.uuid = "12345678-1234-5123-8123-123456789abc";
    return device;
}

class PublisherTest : public testing::Test {
protected:
    PublisherTest() { tell(1, 0); }

    /// The status becomes one with that external address and that number of mappings.
    void tell(std::uint32_t address, std::uint32_t mappings) {
        GatewayStatus status;
        status.serial = ++serial_;
        status.linkUp = true;
        status.externalAddress = Ipv4Address{0x50646400 + address};  // 80.100.100.<address>
        status.mappingCount = mappings;
        publisher_.statusChanged(status, now_);
    }
    Sid subscribe(const Service& service = connection()) {
        const auto added = subscriptions_.add(
            {kAlice, kAlice, service, {{{kAlice, Port{5000}}, "/"}}, kOwn}, now_ + 1800s, now_);
        publisher_.answered(added->sid, now_);
        return added->sid;
    }
    /// Subscribes somebody who takes the first event.
    Sid established() {
        const Sid sid = subscribe();
        pass(1s);
        end(Delivery::Taken);
        pass(1s);
        box_.events.clear();
        return sid;
    }
    static const Service& connection() { return *serviceById({}, kConnection); }

    /// So much time passes, and whatever is due in it is done.
    void pass(Clock::duration time) {
        const TimePoint end = now_ + time;
        for (auto next = publisher_.nextTurn(); next && *next <= end;
             next = publisher_.nextTurn()) {
            now_ = std::max(now_, *next);
            publisher_.turn(now_);
        }
        now_ = end;
    }
    /// The event that was sent last ends so.
    void end(Delivery delivery) { publisher_.delivered(last().sid, delivery, now_); }
    const Event& last() { return box_.events.back(); }
    bool has(const Sid& sid) { return subscriptions_.find(sid) != nullptr; }
    std::vector<std::uint32_t> sequences() const {
        std::vector<std::uint32_t> all;
        for (const Event& event : box_.events) all.push_back(event.sequence);
        return all;
    }

    TimePoint now_{Seconds{1000}};
    std::uint64_t serial_ = 0;
    Outbox box_;
    Subscriptions subscriptions_{600, 600};
    Publisher publisher_{identity(), subscriptions_, box_};
};

TEST_F(PublisherTest, TheFirstEventHasAllValues) {  // GENA-EVENT-01, GENA-EVENT-06
    subscribe();
    pass(1s);
    ASSERT_THAT(sequences(), ElementsAre(0));
    for (const auto* const variable :
         {"PossibleConnectionTypes>IP_Routed<", "ConnectionStatus>Connected<",
          "ExternalIPAddress>80.100.100.1<", "PortMappingNumberOfEntries>0<"})
        EXPECT_THAT(*last().body, HasSubstr(variable));
    EXPECT_EQ(last().from, IpAddress{kOwn});
}

TEST_F(PublisherTest, EachVersionTellsItsOwnVariables) {  // GENA-EVENT-06, GENA-EVENT-08
    subscribe(*serviceById(kVersion1, kConnection));
    pass(1s);
    EXPECT_THAT(*last().body, Not(HasSubstr("SystemUpdateID")));
    subscribe(*serviceById({}, kConnection));
    pass(1s);
    EXPECT_THAT(*last().body, HasSubstr("SystemUpdateID"));
    subscribe(*serviceById(kVersion1, kLayer3));
    pass(1s);
    EXPECT_THAT(*last().body, HasSubstr(":WANConnectionDevice:1,"));
    subscribe(*serviceById({}, kLayer3));
    pass(1s);
    EXPECT_THAT(*last().body, HasSubstr(":WANConnectionDevice:2,"));
}

TEST_F(PublisherTest, BothVersionsAreToldOfAChange) {  // IGD-WANPPP-05
    subscribe(*serviceById(kVersion1, kConnection));
    pass(1s);
    end(Delivery::Taken);
    const Sid two = established();
    tell(1, 7);
    pass(1s);
    ASSERT_THAT(box_.events, SizeIs(2));
    for (const Event& event : box_.events)
        EXPECT_THAT(*event.body, HasSubstr("PortMappingNumberOfEntries>7<"));
    EXPECT_TRUE(has(two));
}

TEST_F(PublisherTest, TheFirstEventWaitsUntilTheAnswerHasBeenRead) {  // GENA-EVENT-02
    const Sid sid = subscribe();
    pass(50ms);
    publisher_.hasRead(sid, now_);
    pass(149ms);
    EXPECT_THAT(box_.events, IsEmpty());
    pass(1ms);
    EXPECT_THAT(sequences(), ElementsAre(0));
}

TEST_F(PublisherTest, TheFirstEventComesAfterASecondWhenNothingIsShown) {
    subscribe();
    pass(999ms);
    EXPECT_THAT(box_.events, IsEmpty());
    pass(1ms);
    EXPECT_THAT(sequences(), ElementsAre(0));
}

TEST_F(PublisherTest, TheFirstEventIsNotSentBeforeTheAnswer) {
    ASSERT_TRUE(subscriptions_.add({kAlice, kAlice, connection(), {}, kOwn}, now_ + 1800s, now_));
    pass(60s);
    EXPECT_THAT(box_.events, IsEmpty());
}

TEST_F(PublisherTest, TheFirstEventHasTheValuesOfItsMoment) {  // GENA-EVENT-03
    subscribe();
    pass(500ms);
    tell(2, 7);
    EXPECT_THAT(box_.events, IsEmpty());
    pass(500ms);
    EXPECT_THAT(*last().body, HasSubstr("PortMappingNumberOfEntries>7<"));
    end(Delivery::Taken);
    pass(60s);
    EXPECT_THAT(box_.events, SizeIs(1));
}

TEST_F(PublisherTest, LaterEventsHaveWhatChanged) {  // GENA-EVENT-04, GENA-EVENT-09
    established();
    tell(1, 1);
    ASSERT_THAT(sequences(), ElementsAre(1));
    EXPECT_THAT(*last().body, HasSubstr("PortMappingNumberOfEntries>1<"));
    EXPECT_THAT(*last().body, Not(HasSubstr("ExternalIPAddress")));
    end(Delivery::Taken);
    pass(1s);
    tell(1, 1);
    EXPECT_THAT(box_.events, SizeIs(1));
    tell(1, 2);
    EXPECT_THAT(sequences(), ElementsAre(1, 2));
}

TEST_F(PublisherTest, AnOlderStatusIsNotTold) {
    established();
    GatewayStatus old;
    old.serial = serial_ - 1;
    publisher_.statusChanged(old, now_);
    pass(1s);
    EXPECT_THAT(box_.events, IsEmpty());
}

TEST_F(PublisherTest, ChangesCloseTogetherAreOneEvent) {  // GENA-EVENT-11, GENA-EVENT-21
    established();
    for (std::uint32_t count = 1; count <= 100; ++count) {
        tell(1, count);
        if (box_.events.size() == 1 && count == 1) end(Delivery::Taken);
        pass(1ms);
    }
    pass(100ms);
    ASSERT_THAT(sequences(), ElementsAre(1, 2));
    EXPECT_THAT(*last().body, HasSubstr("PortMappingNumberOfEntries>100<"));
}

TEST_F(PublisherTest, ASlowSubscriberGetsTheNewestOfAllThatChanged) {
    established();
    tell(1, 1);
    pass(3s);
    tell(2, 1);
    pass(3s);
    tell(3, 1);
    pass(3s);
    ASSERT_THAT(box_.events, SizeIs(1));
    end(Delivery::Failed);  // after ten seconds
    ASSERT_THAT(sequences(), ElementsAre(1, 2));
    EXPECT_THAT(*last().body, HasSubstr("ExternalIPAddress>80.100.100.3<"));
    EXPECT_THAT(*last().body, HasSubstr("PortMappingNumberOfEntries>1<"));  // missed, too
}

TEST_F(PublisherTest, WhatASubscriberMissedIsSentAgain) {  // GENA-EVENT-13, GENA-EVENT-15
    established();
    tell(2, 0);
    end(Delivery::Failed);
    pass(9s);
    EXPECT_THAT(box_.events, SizeIs(1));
    pass(1s);
    ASSERT_THAT(sequences(), ElementsAre(1, 2));
    EXPECT_THAT(*last().body, HasSubstr("ExternalIPAddress>80.100.100.2<"));
    end(Delivery::Taken);
    pass(600s);
    EXPECT_THAT(box_.events, SizeIs(2));
}

TEST_F(PublisherTest, ASubscriberThatFailsThreeTimesInARowEnds) {
    const Sid sid = established();
    for (std::uint32_t count = 1; count <= 5; ++count) {
        tell(1, count);
        end(count == 3 ? Delivery::Taken : Delivery::Refused);
        pass(1s);
        EXPECT_TRUE(has(sid));
    }
    tell(1, 9);
    end(Delivery::Failed);
    EXPECT_FALSE(has(sid));
    EXPECT_THAT(box_.cancelled, ElementsAre(sid));
}

TEST_F(PublisherTest, ARefusedFirstEventIsSentOnceMore) {
    for (const Delivery delivery : {Delivery::Refused, Delivery::Unknown}) {
        box_.events.clear();
        const Sid sid = subscribe();
        pass(1s);
        end(delivery);
        pass(999ms);
        EXPECT_THAT(sequences(), ElementsAre(0));
        pass(1ms);
        EXPECT_THAT(sequences(), ElementsAre(0, 0));
        EXPECT_TRUE(has(sid));
        end(delivery);
        EXPECT_FALSE(has(sid));
    }
}

TEST_F(PublisherTest, AfterTheSecondTryItGoesOn) {
    const Sid sid = subscribe();
    pass(1s);
    end(Delivery::Unknown);
    tell(2, 0);
    pass(1s);
    EXPECT_THAT(*last().body, HasSubstr("ExternalIPAddress>80.100.100.2<"));
    end(Delivery::Taken);
    tell(2, 1);
    EXPECT_THAT(sequences(), ElementsAre(0, 0, 1));
    EXPECT_TRUE(has(sid));
}

TEST_F(PublisherTest, ASubscriberThatDoesNotAnswerItsFirstEventStays) {  // GENA-EVENT-13
    const Sid sid = subscribe();
    pass(1s);
    end(Delivery::Failed);
    tell(1, 1);
    EXPECT_TRUE(has(sid));
    EXPECT_THAT(sequences(), ElementsAre(0, 1));
}

TEST_F(PublisherTest, OneThatForgotItsSidEndsAtOnce) {  // GENA-EVENT-12
    const Sid sid = established();
    tell(1, 1);
    end(Delivery::Unknown);
    EXPECT_FALSE(has(sid));
}

TEST_F(PublisherTest, ASubscriptionThatRunsOutEnds) {  // GENA-RENEW-05
    const Sid sid = established();
    pass(1797s);
    EXPECT_TRUE(has(sid));
    pass(2s);
    EXPECT_FALSE(has(sid));
    tell(1, 1);
    EXPECT_THAT(box_.events, IsEmpty());
    EXPECT_FALSE(publisher_.nextTurn() && *publisher_.nextTurn() < now_);
}

TEST_F(PublisherTest, FiveHundredSubscribersGetEachChange) {
    for (int i = 0; i < 500; ++i) subscribe();
    pass(1s);
    ASSERT_THAT(box_.events, SizeIs(500));
    for (const Event& event : box_.events) {
        publisher_.delivered(event.sid, Delivery::Taken, now_);
        EXPECT_EQ(event.body, box_.events.front().body);  // one text for all
    }
    box_.events.clear();
    tell(1, 1);
    EXPECT_THAT(box_.events, SizeIs(500));
}

TEST_F(PublisherTest, AfterTheGreatestSequenceComesOne) {  // GENA-EVENT-05
    EXPECT_EQ(nextSequence(0), 1);
    const Sid sid = established();
    subscriptions_.find(sid)->sequence = 4294967295;
    for (std::uint32_t count = 1; count <= 2; ++count) {
        tell(1, count);
        end(count == 1 ? Delivery::Taken : Delivery::Refused);
        pass(1s);
    }
    EXPECT_THAT(sequences(), ElementsAre(4294967295, 1));
    EXPECT_TRUE(has(sid));
}

TEST(Publisher, SendsNothingWithoutAStatus) {
    Outbox box;
    Subscriptions subscriptions{1, 1};
    Publisher publisher{identity(), subscriptions, box};
    const Service& service = *allServices({})[0];
    const TimePoint now{Seconds{1}};
    const auto added = subscriptions.add({kAlice, kAlice, service, {}, kOwn}, now + 1800s, now);
    publisher.answered(added->sid, now);
    publisher.turn(now + 5s);
    EXPECT_THAT(box.events, IsEmpty());
    publisher.statusChanged({}, now + 6s);
    EXPECT_THAT(box.events, SizeIs(1));
}

}  // namespace
}  // namespace igd::upnp
