// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_miniupnpd.h"

#include "samples.h"

#include <gmock/gmock.h>

namespace igd::lease {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

ReadLeases read(const std::string& text, const Boot& boot = {}) {
    return readMiniupnpd(text, kNow, kLongest, boot);
}

/// The only opening in `text`.
Opening only(const std::string& text, const Boot& boot = {}) {
    const auto leases = read(text, boot);
    EXPECT_THAT(leases.badLines, IsEmpty()) << text;
    EXPECT_THAT(leases.openings, SizeIs(1)) << text;
    return leases.openings.empty() ? Opening{} : leases.openings.front();
}

TEST(LeasesOfMiniupnpd, AreKnownByTheirFirstLine) {
    EXPECT_TRUE(isOfMiniupnpd("TCP:80:192.168.1.10:80:0:x\n"));
    EXPECT_TRUE(isOfMiniupnpd("\n\nUDP;2001:db8::5;5000;;0;7;0;x"));
    for (const char* text : {"", "\n", "# upnpd leases\n", "clock 1 2 x\n", "open mapping udp 1\n",
                             "x:1:2\n", "TCP\n"})
        EXPECT_FALSE(isOfMiniupnpd(text)) << text;
}

TEST(LeasesOfMiniupnpd, HaveSixFields) {
    Opening expected = leased(3074);
    expected.claims.front().description = "a game: with a colon; and more";
    EXPECT_EQ(only("UDP:3074:192.168.1.10:3074:1800003600:a game: with a colon; and more\n"),
              expected);
    expected.claims.front().expiresAt.reset();
    expected.claims.front().description.clear();
    EXPECT_EQ(only("udp:3074:192.168.1.10:3074:0:"), expected);
}

TEST(LeasesOfMiniupnpd, HaveSevenFieldsWithARemoteHost) {
    Opening expected = leased(3074);
    expected.claims.front().description = "x";
    EXPECT_EQ(only("UDP:3074::192.168.1.10:3074:1800003600:x"), expected);
    expected.claims.front().filters = {*parsePeerFilter("80.1.2.3")};
    EXPECT_EQ(only("UDP:3074:80.1.2.3:192.168.1.10:3074:1800003600:x\n"), expected);
}

TEST(LeasesOfMiniupnpd, BelongToTheProtocolThatTheirTextNames) {
    const auto pcp =
        only("UDP:3074:192.168.1.10:3074:1800003600:PCP MAP 0aff00000000000000000000\n");
    ASSERT_NE(pcp.claimOf(Origin::Pcp), nullptr);
    EXPECT_EQ(pcp.claims.front().nonce, (Nonce{0x0a, 0xff}));
    EXPECT_NE(
        only("UDP:3074:192.168.1.10:3074:1800003600:NAT-PMP 3074 udp\n").claimOf(Origin::NatPmp),
        nullptr);
    EXPECT_NE(only("UDP:1:192.168.1.10:1:1800003600:PCP MAP of nobody\n").claimOf(Origin::Igd),
              nullptr);
}

TEST(LeasesOfMiniupnpd, MayTellTheTimeThatWasLeft) {
    const Boot written{"", kNow.wall - 100s};
    EXPECT_EQ(only("UDP:1:192.168.1.10:1:600:x", written).end(), kNow.monotonic + 500s);
    EXPECT_THAT(read("UDP:1:192.168.1.10:1:60:x", written).openings, IsEmpty());
}

TEST(LeasesOfMiniupnpd, EndAndAreCapped) {
    EXPECT_THAT(read("UDP:1:192.168.1.10:1:1799999999:x").openings, IsEmpty());
    EXPECT_EQ(only("UDP:1:192.168.1.10:1:1900000000:x").end(), kNow.monotonic + kLongest);
}

TEST(LeasesOfMiniupnpd, HavePinholesOfTheirOwnForm) {
    Opening expected = pinhole(5000, 7);
    expected.claims.front().description = "IGD2 pinhole";
    EXPECT_EQ(only("TCP;2001:db8::5;5000;;0;7;1800003600;IGD2 pinhole\n\n"), expected);
    const auto remote = only("TCP;2001:db8::5;5000;2001:db8:9::1;53;7;0;x\n");
    EXPECT_EQ(remote.remote, parsePeerFilter("2001:db8:9::1@53"));
    EXPECT_EQ(remote.end(), kNow.monotonic + kLongest);
    EXPECT_EQ(only("TCP;2001:db8::5;5000;*;53;7;0;x\n").remote, parsePeerFilter("::/0@53"));
    const auto pcp =
        only("UDP;2001:db8::5;5000;;0;7;1800003600;PCP MAP 0aff00000000000000000000\n");
    EXPECT_NE(pcp.claimOf(Origin::Pcp), nullptr);
    EXPECT_EQ(pcp.pinholeId, std::nullopt);
}

TEST(LeasesOfMiniupnpd, GiveEachPinholeAnId) {
    const auto leases = read(
        "TCP;2001:db8::5;5000;;0;7;0;a\nTCP;2001:db8::5;5001;;0;7;0;b\n"
        "TCP;2001:db8::5;5002;;0;0;0;c\nTCP;2001:db8::5;5000;;0;7;0;d\n");
    ASSERT_THAT(leases.openings, SizeIs(3));
    EXPECT_EQ(leases.openings[0].pinholeId, 7);
    EXPECT_EQ(leases.openings[1].pinholeId, 8);
    EXPECT_EQ(leases.openings[2].pinholeId, 1);
}

TEST(LeasesOfMiniupnpd, LeaveOutWhatCannotBe) {
    const auto leases = read(
        "TCP:0:192.168.1.10:80:0:x\nTCP:80:192.168.1.300:80:0:x\nSCTP:80:192.168.1.10:80:0:x\n"
        "TCP:80:192.168.1.10:80:soon:x\nTCP:80\nTCP;fe80::1;x;;0;7;0;x\n"
        "UDP:3074:192.168.1.10:3074:0:good\n");
    EXPECT_THAT(leases.badLines, ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_THAT(leases.openings, SizeIs(1));
}

}  // namespace
}  // namespace igd::lease
