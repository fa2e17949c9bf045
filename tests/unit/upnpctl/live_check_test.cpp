// SPDX-License-Identifier: GPL-2.0-or-later
#include "live_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace igd::ctl {
namespace {

using testing::HasSubstr;

const IpEndpoint kFriend{*parseIpv4Address("81.2.69.142"), Port{50000}};
const IpEndpoint kExternal{*parseIpv4Address("80.1.2.3"), Port{4000}};
const IpEndpoint kClient{*parseIpv4Address("192.168.1.10"), Port{5000}};
constexpr std::uint32_t kWan = 2;
constexpr std::uint32_t kLan = 3;

class LiveCheckTest : public testing::Test {
protected:
    LiveCheckTest() : facts_(InterfaceName::parse("wan0").value()) {
        facts_.outside = {.exists = true,
                          .running = true,
                          .addresses = {*parseIpv4Prefix("80.1.2.3/24")},
                          .index = kWan};
        facts_.internal.push_back({.interface = InterfaceName::parse("lan0").value(),
                                   .state = {.exists = true,
                                             .running = true,
                                             .addresses = {*parseIpv4Prefix("192.168.1.1/24")},
                                             .index = kLan}});
        facts_.mappings.push_back({{"protocol", "tcp"},
                                   {"external_port", 4000},
                                   {"internal_address", "192.168.1.10"},
                                   {"internal_port", 5000}});
    }

    void see(std::uint32_t interface, bool leaves, const IpEndpoint& from, const IpEndpoint& to,
             bool resets = false) {
        trace_.see({interface, leaves, Protocol::Tcp, from, to, resets}, now_);
    }
    void arrives() { see(kWan, false, kFriend, kExternal); }
    void isForwarded() { see(kLan, true, kFriend, kClient); }
    std::vector<Line> lines() {
        facts_.rules = std::make_shared<const inspect::Ruleset>(rules_);
        const RuleJudge judge{facts_};
        return linesOf(trace_, facts_, &judge);
    }

    Facts facts_;
    inspect::Ruleset rules_;
    TimePoint now_{Seconds{100}};
    LiveTrace trace_{kWan, {kLan}, {{Protocol::Tcp, Port{4000}}}};
};

TEST_F(LiveCheckTest, FollowsAPacketThereAndBack) {
    arrives();
    isForwarded();
    see(kLan, false, kClient, kFriend);
    see(kWan, true, kExternal, kFriend);
    EXPECT_EQ(trace_.end(now_ + Seconds{60}), now_) << "there is nothing more to wait for";
    const auto said = lines();
    ASSERT_EQ(said.size(), 3U);
    EXPECT_EQ(said[0].text, "tcp 81.2.69.142:50000 -> 80.1.2.3:4000 arrived at wan0");
    EXPECT_EQ(said[1].text, "translated to 192.168.1.10:5000, it left by lan0");
    EXPECT_EQ(said[2].text, "192.168.1.10:5000 answered, and the answer left by wan0");
    EXPECT_EQ(checkStatus(said), 0);
}

TEST_F(LiveCheckTest, WaitsUntilTheEndForTheFirstAndAMomentForTheRest) {
    EXPECT_EQ(trace_.end(now_ + Seconds{60}), now_ + Seconds{60});
    arrives();
    EXPECT_EQ(trace_.end(now_ + Seconds{60}), now_ + Seconds{3});
}

TEST_F(LiveCheckTest, OtherPacketsAreNotTheFriends) {
    see(kWan, true, kFriend, kExternal);                         // leaves
    see(kLan, false, kFriend, kExternal);                        // a LAN host's
    see(kWan, false, kFriend, {kExternal.address, Port{4001}});  // another port
    EXPECT_FALSE(trace_.arrived());
    EXPECT_EQ(lines().front().code, "LIVE-01");
    EXPECT_EQ(checkStatus(lines()), 1);
    arrives();
    see(kLan, true, {kFriend.address, Port{1}}, kClient);  // another flow
    see(kWan, true, kFriend, kClient);
    EXPECT_FALSE(trace_.forwarded());
}

TEST_F(LiveCheckTest, NamesTheRuleThatKeepsItBack) {
    const auto id = rules_.idOf(inspect::Kind::Nft, "inet", "filter", "forward");
    rules_.chains[id].base = inspect::Base{.hook = inspect::Hook::Forward, .policyDrop = true};
    arrives();
    const auto said = lines();
    ASSERT_EQ(said.size(), 2U);
    EXPECT_THAT(said[1].text, HasSubstr("STOPPED by inet filter forward policy"));
    EXPECT_THAT(said[1].command, HasSubstr("nft 'add rule inet filter forward"));
}

TEST_F(LiveCheckTest, TellsThatNobodyMappedThePort) {
    facts_.mappings.clear();
    arrives();
    see(kWan, true, kExternal, kFriend, true);
    EXPECT_EQ(lines()[1].remedy, "nobody has mapped that port");
    EXPECT_THAT(lines()[1].text, HasSubstr("the router itself answered"));
}

TEST_F(LiveCheckTest, TellsWhatTheClientDoes) {
    arrives();
    isForwarded();
    EXPECT_EQ(lines()[2].text, "192.168.1.10:5000 did not answer");
    see(kLan, false, kClient, kFriend, true);
    EXPECT_THAT(lines()[2].text, HasSubstr("refused"));
}

TEST_F(LiveCheckTest, AnAnswerMayGetLostOnTheWayOut) {
    arrives();
    isForwarded();
    see(kLan, false, kClient, kFriend);
    EXPECT_THAT(lines()[2].text, HasSubstr("answered, but nothing left by wan0"));
}

}  // namespace
}  // namespace igd::ctl
