// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_lines.h"

#include "samples.h"

#include <gmock/gmock.h>

namespace igd::lease {
namespace {

using testing::Optional;

const FileClock kClock{kNow, kLongest};

/// Reads what was written.
std::optional<Opening> again(const Opening& opening, const Now& now = kNow) {
    const auto line = openLine(opening, now);
    const auto verb = line.substr(0, line.find(' ') + 1);
    return verb == "open " ? parseOpen(line.substr(verb.size()), kClock) : std::nullopt;
}

TEST(LeaseLines, AreForPeopleToo) {
    EXPECT_EQ(openLine(leased(3074), kNow),
              "open mapping udp 3074 192.168.1.10:3074 at=1800000000000 account=192.168.1.10 "
              "claim=igd;end=1800003600000;text=a%20game,%20with%20\"quotes\"");
    EXPECT_EQ(openLine(pinhole(5000, 7), kNow),
              "open pinhole tcp [2001:db8::5]:5000 any at=1800000000000 "
              "account=2001:db8::/64 id=7 claim=igd;end=1800003600000");
    EXPECT_EQ(openLine(flow(), kNow),
              "open peer udp 192.168.1.10:5000 80.1.2.3/32@53 80.100.100.1:5001 at=1800000000000 "
              "account=192.168.1.10 claim=pcp;end=1800003600000;nonce=0aff00000000000000000000");
    EXPECT_EQ(closeLine(leased(3074).name()), "close mapping udp 3074");
    EXPECT_EQ(closeLine(pinhole(5000, 7).name()), "close pinhole tcp [2001:db8::5]:5000 any");
    EXPECT_EQ(closeLine(flow().name()), "close peer udp 192.168.1.10:5000 80.1.2.3/32@53");
}

TEST(LeaseLines, KeepEveryKind) {
    Opening esp = pinhole(0, 7);
    esp.protocol = Protocol::Esp;
    Opening filtered = pinhole(5000, 8);
    filtered.remote = parsePeerFilter("2001:db9::1/128@53");
    for (const Opening& opening : {leased(3074), pinhole(5000, 7), esp, filtered, flow()}) {
        EXPECT_THAT(again(opening), Optional(opening)) << openLine(opening, kNow);
        EXPECT_THAT(parseClose(closeLine(opening.name()).substr(6)), Optional(opening.name()));
    }
}

TEST(LeaseLines, HaveASetOfPortsAsOne) {  // PCP-SET-11
    Opening set = leased(4000);
    set.portCount = 256;
    set.claims = {claimed(Origin::Pcp, kAlice)};
    EXPECT_THAT(openLine(set, kNow),
                testing::StartsWith("open mapping udp 4000 192.168.1.10:4000 ports=256 at="));
    EXPECT_EQ(closeLine(set.name()), "close mapping udp 4000 ports=256");
    EXPECT_THAT(again(set), Optional(set));
    EXPECT_THAT(parseClose(closeLine(set.name()).substr(6)), Optional(set.name()));
    for (const char* const bad : {"ports=0", "ports=1", "ports=65536", "ports=", "port=2"})
        EXPECT_FALSE(parseClose(std::string{"mapping udp 4000 "} + bad)) << bad;
    Opening tooMany = set;
    tooMany.internal.port = Port{65281};
    Opening ofUpnp = set;
    ofUpnp.claims = {claimed(Origin::Igd, kAlice)};
    for (const Opening& bad : {tooMany, ofUpnp}) EXPECT_FALSE(again(bad)) << openLine(bad, kNow);
}

TEST(LeaseLines, KeepEveryClaimAndWhoseItIs) {  // IWF-10
    Opening shared = leased(3074, std::nullopt);
    shared.claims.front().enabled = false;
    shared.claims.front().askedWithoutEnd = true;
    shared.claims.front().description = "50 % ; \xc3\xa9\xe2\x82\xac %20";
    Claim pcp = claimed(Origin::Pcp, *parseIpv4Address("192.168.1.2"), Seconds{60});
    pcp.filters = {*parsePeerFilter("80.1.2.0/24"), *parsePeerFilter("80.9.9.9/32@53")};
    shared.put(pcp);
    shared.put(claimed(Origin::NatPmp, kAlice));
    shared.account = *parseMacAddress("00:11:32:aa:bb:cc");
    shared.hostSeen = false;
    EXPECT_THAT(again(shared), Optional(shared));
}

TEST(LeaseLines, LeaveOutTheAdministrator) {
    Opening fixed = leased(80);
    fixed.claims = {claimed(Origin::Static, kAlice, std::nullopt)};
    EXPECT_EQ(openLine(fixed, kNow), "");
    fixed.put(claimed(Origin::Pcp, kAlice));
    Opening left = fixed;
    left.drop(Origin::Static);
    EXPECT_THAT(again(fixed), Optional(left));
}

TEST(LeaseLines, HaveNoMoreLeftThanWhenTheyWereWritten) {
    const Now later{kNow.monotonic + Seconds{100}, kNow.wall + Seconds{100}};
    EXPECT_EQ(again(leased(1), later)->claims.front().expiresAt, kNow.monotonic + Seconds{3500})
        << "the file's clock is behind";
}

TEST(LeaseLines, RoundEndsDown) {
    Opening opening = leased(1, std::nullopt);
    opening.claims.front().expiresAt = kNow.monotonic + std::chrono::microseconds{60'999'999};
    EXPECT_EQ(again(opening)->end(), kNow.monotonic + Milliseconds{60'999});
}

TEST(LeaseLines, GiveAClaimWithoutAnEndNone) {
    const auto opening = parseOpen("mapping udp 1 192.168.1.10:1 claim=igd", kClock);
    ASSERT_TRUE(opening);
    EXPECT_EQ(opening->end(), kNow.monotonic) << "it has ended";
    EXPECT_EQ(opening->account, Account{kAlice});
}

const std::string kPcp = " claim=pcp;end=1800003600000;nonce=0aff00000000000000000000";

TEST(LeaseLines, RefuseEndsThatDoNotFit) {
    for (const std::string& bad : std::vector<std::string>{
             "mapping udp 0 192.168.1.10:1", "mapping udp 1 192.168.1.10:0", "mapping udp 1",
             "mapping sctp 1 192.168.1.10:1", "mapping udp 1 [2001:db8::5]:1", "mapping udp 1 any",
             "pinhole udp 192.168.1.10:1 any", "pinhole udp [2001:db8::5]:1",
             "pinhole esp [2001:db8::5]:1 any", "pinhole udp [::ffff:192.168.1.10]:1 any",
             "pinhole udp [2001:db8::5]:1 80.1.2.3/32", "peer udp 192.168.1.10:1 any 80.1.1.1:1",
             "peer udp 192.168.1.10:1 80.1.2.3/32 80.1.1.1:1",
             "peer udp 192.168.1.10:1 80.1.2.0/24@53 80.1.1.1:1",
             "peer udp 192.168.1.10:1 2001:db9::1/128@53 80.1.1.1:1",
             "peer udp 192.168.1.10:1 80.1.2.3/32@53 [2001:db8::5]:1",
             "peer udp 192.168.1.10:1 80.1.2.3/32@53", "door udp 1 192.168.1.10:1", ""})
        EXPECT_FALSE(parseOpen(bad + kPcp, kClock)) << bad;
    for (const char* const good :
         {"mapping udp 1 192.168.1.10:1", "pinhole udp [2001:db8::5]:1 any",
          "peer udp [2001:db8::5]:1 2001:db9::1/128@53 [2001:db8::5]:1"})
        EXPECT_TRUE(parseOpen(good + kPcp, kClock)) << good;
}

TEST(LeaseLines, RefuseWordsThatDoNotFit) {
    const std::string nine =
        "1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,2.2.2.2";
    for (const std::string& bad :
         std::vector<std::string>{"",
                                  " claim=igd;end=x",
                                  " claim=igd;end=-1",
                                  " claim=igd;by=x",
                                  " claim=igd;what=1",
                                  " claim=igd;nonce=0aff00000000000000000000",
                                  " claim=pcp;end=never",
                                  " claim=pcp;nonce=0g0000000000000000000000",
                                  " claim=pcp;nonce=00",
                                  " claim=static",
                                  " claim=igd claim=igd",
                                  " claim=igd;peers=80.1.2.0/33",
                                  " claim=igd;peers=2001:db8::/32",
                                  " claim=igd;text=%",
                                  " claim=igd;text=%0",
                                  " claim=igd;text=%zz",
                                  " claim=igd id=7",
                                  " claim=igd at=x",
                                  " claim=igd account=x",
                                  " claim=igd account=192.168.1.10;new",
                                  " claim=igd other=1"})
        EXPECT_FALSE(parseOpen("mapping udp 1 192.168.1.10:1" + bad, kClock)) << bad;
    EXPECT_FALSE(parseOpen("mapping udp 1 192.168.1.10:1 claim=igd;peers=" + nine, kClock));
    for (const std::string& bad : std::vector<std::string>{
             " id=7 claim=igd;end=never", " id=0 claim=igd;end=1", " claim=igd;end=1",
             " id=7" + kPcp, " id=70000 claim=igd;end=1", " claim=nat-pmp;end=1"})
        EXPECT_FALSE(parseOpen("pinhole udp [2001:db8::5]:1 any" + bad, kClock)) << bad;
    for (const std::string& bad :
         std::vector<std::string>{" claim=igd;end=1", kPcp + ";peers=80.1.1.1/32"})
        EXPECT_FALSE(parseOpen("peer udp 192.168.1.10:1 80.1.2.3/32@53 80.1.1.1:1" + bad, kClock))
            << bad;
}

TEST(LeaseLines, CutDescriptionsAndCleanThem) {
    const auto opening = parseOpen(
        "mapping udp 1 192.168.1.10:1 claim=igd;text=a%0ab%ff" + std::string(300, 'c'), kClock);
    ASSERT_TRUE(opening);
    EXPECT_EQ(opening->claims.front().description, "ab" + std::string(kMaxDescription - 2, 'c'));
}

}  // namespace
}  // namespace igd::lease
