// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/store/store_messages.h"

#include "openings_for_store.h"

#include <gtest/gtest.h>

namespace igd::store {
namespace {

TEST(StoreMessages, ToTheProcessAreReadAsTheyWereWritten) {
    const StoreSetting setting = parseStoreSetting("redis://[2001:db8::5]:7000/15").value();
    const StoreSetting local = parseStoreSetting("redis+unix:///run/r.sock?db=3").value();
    for (const ToProcess& message : std::initializer_list<ToProcess>{
             Begin{setting, {"router", "secret"}, "host", 7, 3, 1800000000000},
             Begin{local, {}, "host", 7, 0, 0}, TakeLead{1800000000000}, Follow{}, Confirm{3},
             Keep{"mapping udp 1", "mapping udp 1 ...", 5, 6}, Forget{"mapping udp 1"},
             KeepEpoch{1, 2, "80.1.2.3"}, Write{9}, GoOn{}}) {
        const auto bytes = encode(message);
        ASSERT_TRUE(bytes);
        EXPECT_EQ(decodeToProcess(*bytes), message);
    }
}

TEST(StoreMessages, ToTheEngineAreReadAsTheyWereWritten) {
    std::vector<ToEngine> messages{Away{"no answer"},
                                   ReadBegins{},
                                   Read{3},
                                   Pause{1},
                                   Led{1, 2, 3, "80.1.2.3", 4},
                                   Leader{4, "host", true},
                                   Confirmed{3},
                                   Written{9, "full"},
                                   KeepEpoch{1'800'000'000'000, 7, "80.100.100.1"}};
    for (const Opening& opening : openingsOfAllKinds(Clock::now())) {
        messages.emplace_back(Row{opening, 5, 6});
        messages.emplace_back(Gone{opening.name()});
    }
    for (const ToEngine& message : messages) {
        const auto bytes = encode(message);
        ASSERT_TRUE(bytes) << message.index();
        EXPECT_EQ(decodeToEngine(*bytes), message) << message.index();
        EXPECT_FALSE(decodeToEngine(std::span{*bytes}.first(bytes->size() - 1)));
    }
}

TEST(StoreMessages, CarryNoOpeningThatTheLedgerCouldNotHave) {
    const TimePoint now = Clock::now();
    Opening opening = mappingAt(3074, now);
    opening.portCount = 0;
    EXPECT_FALSE(encode(ToEngine{Row{opening, 1, 1}}));
    opening = mappingAt(3074, now);
    opening.claims.push_back(opening.claims[0]);
    EXPECT_FALSE(encode(ToEngine{Row{opening, 1, 1}})) << "two claims of one protocol";
    opening.claims = {};
    EXPECT_FALSE(encode(ToEngine{Row{opening, 1, 1}}));
    opening = mappingAt(3074, now);
    opening.claims[0].origin = Origin::Pcp;
    EXPECT_FALSE(encode(ToEngine{Row{opening, 1, 1}})) << "without a nonce";
}

TEST(StoreMessages, AreCleanAndCut) {
    const auto bytes = encode(ToEngine{Away{"a\nb" + std::string(5000, 'x')}});
    const auto read = decodeToEngine(bytes.value());
    EXPECT_LT(std::get<Away>(read.value()).problem.size(), 400U);
    EXPECT_EQ(std::get<Away>(*read).problem.find('\n'), std::string::npos);
    EXPECT_FALSE(encode(ToEngine{Away{""}}));
    EXPECT_FALSE(encode(ToEngine{Led{}}));
}

TEST(StoreMessages, TellLinesApart) {
    EXPECT_NE(digestOf("a"), digestOf("b"));
    EXPECT_EQ(digestOf("a"), digestOf("a"));
    EXPECT_NE(digestOf(""), 0U);
}

}  // namespace
}  // namespace igd::store
