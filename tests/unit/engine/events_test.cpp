// SPDX-License-Identifier: GPL-2.0-or-later
#include "events.h"

#include "fakes.h"

namespace igd {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

RefusalEvent refusalOf(const char* what, std::uint16_t port = 22) {
    return {.via = Origin::Pcp,
            .requester = Host{kPhone},
            .client = Host{kPhone},
            .what = what,
            .port = Port{port},
            .error = MappingError::NotAuthorized,
            .reason = "upnpd.conf:3 denies it"};
}

class EventsTest : public EngineTest {
protected:
    void listen() {
        events_.listen([this](const Json& event) {
            heard_.push_back(event);
            return !deaf_;
        });
    }
    [[nodiscard]] std::vector<std::string> words() const {
        std::vector<std::string> words;
        for (const Json& event : heard_) words.push_back(event["event"]);
        return words;
    }
    void restore(const Opening& opening) {
        ASSERT_TRUE(openings_.restore(std::vector{opening}, Clock::now()));
    }

    std::vector<Json> heard_;
    bool deaf_ = false;
};

TEST_F(EventsTest, TheKeeperHearsOfOpenings) {
    restore(mappingOf(kConsole, 3074));
    ASSERT_TRUE(openings_.remove(udp(3074), Clock::now()));
    EXPECT_THAT(record_.ended, ElementsAre("udp 3074 -> 192.168.1.10:3074"));
}

TEST_F(EventsTest, AnEndSaysWhy) {
    restore(mappingOf(kConsole, 3074));
    listen();
    ASSERT_TRUE(openings_.remove(udp(3074), Clock::now()));
    ASSERT_THAT(words(), ElementsAre("ended"));
    EXPECT_EQ(heard_.front()["cause"], "administrator");
    EXPECT_EQ(heard_.front()["reason"], "deleted by the administrator");
    EXPECT_EQ(heard_.front()["opening"]["external_port"], 3074);
    EXPECT_GT(heard_.front()["time"], 1'700'000'000);
    EXPECT_EQ(events_.counts().ended.at(static_cast<std::size_t>(EndCause::Administrator)), 1U);
}

TEST_F(EventsTest, GrantsAndRenewalsAreToldApart) {
    const Opening made = mappingOf(kConsole, 3074);
    Opening longer = made;
    longer.claims.front().expiresAt = Clock::now() + 1h;
    listen();
    events_.happened({.after = &made});
    events_.happened({.before = &made, .after = &longer, .renewed = true});
    events_.happened({.before = &made, .after = &longer});
    EXPECT_THAT(words(), ElementsAre("granted", "renewed", "changed"));
    EXPECT_EQ(events_.counts().granted.at(0), 1U);
    EXPECT_EQ(events_.counts().renewed.at(0), 1U);
}

TEST_F(EventsTest, ARefusalSaysWhoAskedForWhat) {
    listen();
    events_.refused(refusalOf("tcp 22"));
    ASSERT_THAT(words(), ElementsAre("refused"));
    EXPECT_EQ(heard_.front()["requester"], "192.168.1.11");
    EXPECT_EQ(heard_.front()["via"], "pcp");
    EXPECT_EQ(heard_.front()["what"], "tcp 22");
    EXPECT_EQ(heard_.front()["error"], "not-authorized");
    EXPECT_EQ(heard_.front()["reason"], "upnpd.conf:3 denies it");
}

TEST_F(EventsTest, WhatIsRefusedAgainIsOneRefusal) {
    events_.refused(refusalOf("tcp 22"));
    events_.refused(refusalOf("tcp 23"));
    events_.refused(refusalOf("tcp 22"));
    const auto& lately = events_.refusals(Clock::now());
    ASSERT_THAT(lately, SizeIs(2));
    EXPECT_EQ(lately.back().refusal.what, "tcp 22");
    EXPECT_EQ(lately.back().count, 2U);
}

TEST_F(EventsTest, RefusalsAreForgottenAfterAnHour) {
    events_.refused(refusalOf("tcp 22"));
    EXPECT_THAT(events_.refusals(Clock::now() + 59min), SizeIs(1));
    EXPECT_THAT(events_.refusals(Clock::now() + 61min), IsEmpty());
}

TEST_F(EventsTest, AFloodOfRefusalsHasABound) {
    for (int i = 0; i < 100; ++i) events_.refused(refusalOf(std::to_string(i).c_str()));
    EXPECT_THAT(events_.refusals(Clock::now()), SizeIs(Events::kMostRefusals));
    EXPECT_EQ(events_.refusals(Clock::now()).back().refusal.what, "99");
}

TEST_F(EventsTest, WhoWantsNoMoreIsToldNoMore) {
    listen();
    deaf_ = true;
    events_.repaired("table inet upnpd was removed");
    events_.addressChanged("ppp0 80.1.2.3 (public)");
    EXPECT_THAT(words(), ElementsAre("repaired"));
}

TEST_F(EventsTest, OtherEventsAreSentences) {
    listen();
    events_.addressChanged("ppp0 80.1.2.3 (public)");
    events_.reloaded("the configuration was read again");
    events_.frontEndRestarted("the front end of lan0 was killed by signal 9");
    EXPECT_THAT(words(), ElementsAre("address", "reloaded", "front-end"));
    EXPECT_EQ(heard_.front()["text"], "ppp0 80.1.2.3 (public)");
    EXPECT_EQ(events_.counts().frontEndRestarts, 1U);
}

}  // namespace
}  // namespace igd
