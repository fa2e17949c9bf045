// SPDX-License-Identifier: GPL-2.0-or-later
#include "samples.h"

#include "upnpd/system/lease_file.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Mapping> read(const std::string& text, const Now& now = kNow) {
    return readLeases(text, now, kLongest).mappings;
}

TEST(LeaseLines, AreReadAsTheyWereWritten) {
    Mapping special = leased(1, std::nullopt);
    special.key.protocol = Protocol::Tcp;
    special.remoteHost = parseIpv4Address("80.100.100.9");
    special.enabled = false;
    special.description = "";
    special.origin = Origin::NatPmp;
    EXPECT_THAT(read(addLine(leased(3074), kNow) + "\n" + addLine(special, kNow) + "\n"),
                ElementsAre(leased(3074), special));
}

TEST(LeaseLines, KeepWhatPcpNeeds) {  // IWF-10
    Mapping pcp = leased(3074);
    pcp.origin = Origin::Pcp;
    pcp.nonce = Nonce{0x0a, 0xff};
    pcp.filters = {*parsePeerFilter("80.1.2.0/24"), *parsePeerFilter("80.9.9.9/32@53")};
    Mapping shared = leased(3075);
    shared.origin = Origin::NatPmp;
    shared.igdShare = IgdShare{std::nullopt};
    EXPECT_THAT(read(addLine(pcp, kNow) + "\n" + addLine(shared, kNow) + "\n"),
                ElementsAre(pcp, shared));
}

TEST(LeaseLines, KeepWhatPcpHasMappedOverIpv6) {
    const Ipv6Address client = *parseIpv6Address("2001:db8::10");
    const Ipv6Mapping mapping{
        Protocol::Udp,        client, Port{5000}, Nonce{1}, {*parsePeerFilter("2001:db9::/32@53")},
        kNow.monotonic + 60s, client};
    Ipv6Mapping other = mapping;
    other.port = Port{5001};
    const std::string text = addLine(mapping, kNow) + "\n" + addLine(other, kNow) + "\n";
    EXPECT_THAT(readLeases(text, kNow, kLongest).ipv6Mappings, ElementsAre(mapping, other));
    EXPECT_THAT(readLeases(text + deleteLine(other) + "\n", kNow, kLongest).ipv6Mappings,
                ElementsAre(mapping));
    const Now later{kNow.monotonic, kNow.wall + 60s};
    EXPECT_THAT(readLeases(text, later, kLongest).ipv6Mappings, IsEmpty());
    other.protocol = Protocol::Esp;
    other.port = Port{0};
    const std::string without = addLine(other, kNow) + "\n";
    EXPECT_THAT(readLeases(without, kNow, kLongest).ipv6Mappings, ElementsAre(other));
    EXPECT_THAT(readLeases(without + deleteLine(other) + "\n", kNow, kLongest).ipv6Mappings,
                IsEmpty());
    for (const char* const bad :
         {"add6 udp 5000 2001:db8::10 1800003600 pcp 2001:db8::10",
          "add6 udp 5000 192.168.1.10 1800003600 pcp;nonce=010000000000000000000000 2001:db8::10",
          "add6 udp 5000 2001:db8::10 0 pcp;nonce=010000000000000000000000 2001:db8::10",
          "add6 udp 5000 2001:db8::10 1800003600 "
          "pcp;nonce=010000000000000000000000;peers=80.1.2.0/24 ::1",
          "add6 udp 0 2001:db8::10 1800003600 pcp;nonce=010000000000000000000000 2001:db8::10",
          "add6 esp 5000 2001:db8::10 1800003600 pcp;nonce=010000000000000000000000 2001:db8::10",
          "del6 udp 5000"})
        EXPECT_THAT(readLeases(std::string{bad} + "\n", kNow, kLongest).badLines, ElementsAre(1))
            << bad;
}

Pinhole pinhole(PinholeId id) {
    const Ipv6Address client = *parseIpv6Address("2001:db8::10");
    return {id,
            {parseIpv6Address("2001:db9::1"), std::nullopt, client, Port{5000}, Protocol::Tcp},
            kNow.monotonic + 60s,
            kAlice};
}

TEST(LeaseLines, KeepPinholesWithTheirNumbers) {
    EXPECT_EQ(addLine(pinhole(7), kNow),
              "pinhole 7 tcp 5000 2001:db8::10 2001:db9::1 0 1800000060 192.168.1.10");
    Pinhole ofAnother = pinhole(9);
    ofAnother.forAnother = true;
    EXPECT_EQ(addLine(ofAnother, kNow),
              "pinhole 9 tcp 5000 2001:db8::10 2001:db9::1 0 1800000060 192.168.1.10 for-another");
    const auto both = readLeases(addLine(pinhole(8), kNow) + "\n" + addLine(ofAnother, kNow) + "\n",
                                 kNow, kLongest);
    ASSERT_EQ(both.pinholes.size(), 2U);
    EXPECT_FALSE(both.pinholes[0].forAnother);
    EXPECT_TRUE(both.pinholes[1].forAnother);
    const std::string text = addLine(pinhole(7), kNow) + "\n" + addLine(pinhole(8), kNow) + "\n" +
                             deleteLine(pinhole(7)) + "\n";
    const auto leases = readLeases(text, kNow, kLongest);
    ASSERT_EQ(leases.pinholes.size(), 1U);
    EXPECT_EQ(addLine(leases.pinholes[0], kNow), addLine(pinhole(8), kNow));
    EXPECT_THAT(readLeases(text, {kNow.monotonic, kNow.wall + 60s}, kLongest).pinholes, IsEmpty());
    for (const char* const bad : {"pinhole 70000 tcp 5000 2001:db8::10 any 0 1800000060 ::1",
                                  "pinhole 7 tcp 5000 192.168.1.10 any 0 1800000060 ::1",
                                  "pinhole 7 tcp 5000 2001:db8::10 all 0 1800000060 ::1",
                                  "pinhole 7 tcp 5000 2001:db8::10 any 0 1800000060 ::1 x",
                                  "pinhole 7 tcp 5000 2001:db8::10 any 0 0 ::1", "close x"})
        EXPECT_THAT(readLeases(std::string{bad} + "\n", kNow, kLongest).badLines, ElementsAre(1))
            << bad;
}

TEST(LeaseLines, RefuseHoldersThatAreNone) {
    for (const char* const holder :
         {"pcp", "pcp;nonce=00", "igd;nonce=0a0000000000000000000000",
          "pcp;nonce=0g0000000000000000000000", "nat-pmp;igd=x", "nat-pmp;peers=80.1.2.0/33",
          "nat-pmp;peers=2001:db8::/32", "nat-pmp;what=1", ""})
        EXPECT_THAT(readLeases(std::string{"add udp 1 192.168.1.10 1 any 0 on "} + holder +
                                   " 192.168.1.10 x\n",
                               kNow, kLongest)
                        .badLines,
                    ElementsAre(1))
            << holder;
}

TEST(LeaseLines, AreForPeopleToo) {
    EXPECT_EQ(addLine(leased(3074), kNow),
              "add udp 3074 192.168.1.10 3074 any 1800003600 on igd 192.168.1.10 a game, with "
              "\"quotes\"");
    EXPECT_EQ(deleteLine({Protocol::Tcp, Port{80}}), "del tcp 80");
}

TEST(LeaseLines, LeaveOutWhatEndedWhileNobodyLooked) {
    const Now later{kNow.monotonic, kNow.wall + 3600s};
    EXPECT_THAT(read(addLine(leased(3074), kNow) + "\n", later), IsEmpty());
    const Now before{kNow.monotonic, kNow.wall + 3590s};
    EXPECT_EQ(read(addLine(leased(3074), kNow) + "\n", before).at(0).expiresAt,
              kNow.monotonic + 10s);
}

TEST(LeaseLines, CapLeasesWhenTheWallClockJumpedBack) {  // IGD-Lease-09
    const Now in1970{kNow.monotonic, WallTime{}};
    EXPECT_EQ(read(addLine(leased(3074), kNow) + "\n", in1970).at(0).expiresAt,
              kNow.monotonic + kLongest);
}

/// A lease of an hour, written by a daemon that started at kNow under that boot.
std::string withClock(const Now& written = kNow) {
    return clockLine(written, "boot-1") + "\n" + addLine(leased(3074), written) + "\n";
}

std::vector<Mapping> readAfter(const std::string& text, Seconds monotonic, WallTime wall,
                               const Boot& boot) {
    return readLeases(text, {kNow.monotonic + monotonic, wall}, kLongest, boot).mappings;
}

TEST(LeaseLines, NeedNoWallClockUnderTheSameBoot) {
    for (const WallTime wall : {WallTime{}, kNow.wall, kNow.wall + 1000000000s}) {
        const auto leases = readAfter(withClock(), 600s, wall, {"boot-1", {}});
        ASSERT_EQ(leases.size(), 1U);
        EXPECT_EQ(leases[0].expiresAt, kNow.monotonic + 3600s) << "neither longer nor shorter";
        EXPECT_THAT(readAfter(withClock(), 3600s, wall, {"boot-1", {}}), IsEmpty());
    }
}

TEST(LeaseLines, RunOnWhileTheRouterIsOff) {
    const auto leases =
        readAfter(withClock(), -3590s, kNow.wall + 1000s, {"boot-2", kNow.wall + 10s});
    ASSERT_EQ(leases.size(), 1U);
    EXPECT_EQ(leases[0].expiresAt, kNow.monotonic - 3590s + 2600s);
    EXPECT_THAT(readAfter(withClock(), -3590s, kNow.wall + 3600s, {"boot-2", kNow.wall + 10s}),
                IsEmpty());
}

TEST(LeaseLines, AreNotProlongedByAClockThatIsNotSetYet) {
    const auto leases = readAfter(withClock(), -3590s, WallTime{20s}, {"boot-2", kNow.wall + 600s});
    ASSERT_EQ(leases.size(), 1U);
    EXPECT_EQ(leases[0].expiresAt, kNow.monotonic - 3590s + 3000s)
        << "as when the file was last written";
}

TEST(LeaseLines, AreNotEndedByAClockThatWasNotSetThen) {
    const Now in1970{kNow.monotonic, WallTime{100s}};
    const auto leases = readAfter(withClock(in1970), -3590s, kNow.wall, {"boot-2", WallTime{700s}});
    ASSERT_EQ(leases.size(), 1U);
    EXPECT_EQ(leases[0].expiresAt, kNow.monotonic - 3590s + 3000s);
}

TEST(LeaseLines, WithABadClockAreReadAllTheSame) {
    const auto leases =
        readLeases("clock now\n" + addLine(leased(3074), kNow) + "\n", kNow, kLongest);
    EXPECT_THAT(leases.mappings, ElementsAre(leased(3074)));
    EXPECT_THAT(leases.badLines, ElementsAre(1));
}

TEST(LeaseLines, KeepTheOrderAndTheLastWord) {  // IGD-Map-20
    Mapping renewed = leased(1);
    renewed.description = "renewed";
    const std::string text = addLine(leased(1), kNow) + "\n" + addLine(leased(2), kNow) + "\n" +
                             addLine(leased(3), kNow) + "\n" + deleteLine(leased(2).key) + "\n" +
                             addLine(renewed, kNow) + "\n";
    EXPECT_THAT(read(text), ElementsAre(renewed, leased(3)));
}

TEST(LeaseLines, IgnoreATornLastLine) {
    const std::string line = addLine(leased(3074), kNow) + "\n";
    const auto leases = readLeases(line + line.substr(0, line.size() / 2), kNow, kLongest);
    EXPECT_THAT(leases.mappings, ElementsAre(leased(3074)));
    EXPECT_THAT(leases.badLines, IsEmpty());
}

TEST(LeaseLines, SkipAndNameBadOnes) {  // IGD-Map-21
    const std::string text =
        "# comment\nnonsense\nadd udp 0 192.168.1.10 1 any 0 on igd 192.168.1.10 x\n" +
        addLine(leased(3074), kNow) + "\nadd udp 80\ndel udp x\n" +
        "add udp 80 192.168.1.10 80 any 1 maybe igd 192.168.1.10 x\n";
    const auto leases = readLeases(text, kNow, kLongest);
    EXPECT_THAT(leases.mappings, ElementsAre(leased(3074)));
    EXPECT_THAT(leases.badLines, ElementsAre(2, 3, 5, 6, 7));
}

}  // namespace
}  // namespace igd
