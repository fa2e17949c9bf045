// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_lines_v2.h"

#include "samples.h"

#include <gmock/gmock.h>

namespace igd::lease {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LeaseLinesV2 : public testing::Test {
protected:
    bool read(std::string_view line) {
        const auto verb = takeWord(line);
        return readVersion2(verb, line, {kNow, kLongest}, table);
    }
    [[nodiscard]] std::vector<Opening> running() const { return table.runningAt(kNow.monotonic); }

    LeaseTable table;
};

TEST_F(LeaseLinesV2, HoldMappings) {
    EXPECT_TRUE(
        read("add udp 3074 192.168.1.10 3074 any 1800003600 on igd 192.168.1.10 a game, "
             "with \"quotes\""));
    EXPECT_TRUE(read("add tcp 80 192.168.1.10 80 80.100.100.9 0 off nat-pmp 192.168.1.11 "));
    Opening other = leased(80);
    other.protocol = Protocol::Tcp;
    other.claims = {claimed(Origin::NatPmp, *parseIpv4Address("192.168.1.11"), std::nullopt)};
    other.claims.front().enabled = false;
    other.claims.front().filters = {*parsePeerFilter("80.100.100.9/32")};
    EXPECT_THAT(running(), ElementsAre(leased(3074), other));
    EXPECT_TRUE(read("del tcp 80"));
    EXPECT_THAT(running(), ElementsAre(leased(3074)));
}

TEST_F(LeaseLinesV2, HoldUpnpsPartInAMapping) {
    EXPECT_TRUE(
        read("add udp 1 192.168.1.10 1 any 1800000060 on "
             "pcp;nonce=0aff00000000000000000000;igd=1800003600;peers=80.1.2.0/24@53 "
             "192.168.1.10 50 % ; off"));
    Opening shared = leased(1);
    shared.claims = {claimed(Origin::Pcp, kAlice, Seconds{60}), claimed(Origin::Igd, kAlice)};
    shared.claims.front().filters = {*parsePeerFilter("80.1.2.0/24@53")};
    for (Claim& claim : shared.claims) claim.description = "50 % ; off";
    EXPECT_THAT(running(), ElementsAre(shared));
}

TEST_F(LeaseLinesV2, HoldPinholesOfUpnpAndPcpAsOne) {
    const std::string pcp =
        "add6 tcp 5000 2001:db8::5 1800003600 "
        "pcp;nonce=0aff00000000000000000000;peers=2001:db9::/32 2001:db8::5";
    EXPECT_TRUE(read("pinhole 7 tcp 5000 2001:db8::5 any 0 1800003600 192.168.1.10"));
    EXPECT_TRUE(read(pcp));
    Opening both = pinhole(5000, 7);
    both.put(claimed(Origin::Pcp, kAliceIpv6));
    both.claims.back().filters = {*parsePeerFilter("2001:db9::/32")};
    EXPECT_THAT(running(), ElementsAre(both));
    EXPECT_TRUE(read("del6 tcp 5000 2001:db8::5"));
    EXPECT_THAT(running(), ElementsAre(pinhole(5000, 7)));
    EXPECT_TRUE(read(pcp));
    EXPECT_TRUE(read("close 7"));
    both.drop(Origin::Igd);
    both.pinholeId.reset();
    EXPECT_THAT(running(), ElementsAre(both));
    EXPECT_TRUE(read("del6 tcp 5000 2001:db8::5"));
    EXPECT_THAT(running(), IsEmpty());
}

TEST_F(LeaseLinesV2, HoldARemoteEndAndWhoAskedForAnother) {
    EXPECT_TRUE(read("pinhole 7 tcp 1 2001:db8::5 2001:db9::1 0 1800003600 2001:db8::5"));
    EXPECT_TRUE(read("pinhole 8 tcp 2 2001:db8::5 any 53 1800003600 192.168.1.10 for-another"));
    Opening first = pinhole(1, 7);
    first.remote = parsePeerFilter("2001:db9::1/128");
    Opening second = pinhole(2, 8);
    second.remote = parsePeerFilter("::/0@53");
    second.claims.front().requester = kAlice;
    EXPECT_THAT(running(), ElementsAre(first, second));
    EXPECT_TRUE(read("close 9")) << "it may have ended before";
}

TEST_F(LeaseLinesV2, HoldProtocolsWithoutPorts) {
    EXPECT_TRUE(
        read("add6 esp 0 2001:db8::5 1800003600 pcp;nonce=0aff00000000000000000000 "
             "2001:db8::5"));
    ASSERT_EQ(running().size(), 1U);
    EXPECT_EQ(running().front().protocol, Protocol::Esp);
    EXPECT_TRUE(read("del6 esp 0 2001:db8::5"));
    EXPECT_THAT(running(), IsEmpty());
}

TEST_F(LeaseLinesV2, AreRefusedWhenTheyAreNone) {
    for (const char* const bad :
         {"add udp 0 192.168.1.10 1 any 0 on igd 192.168.1.10 x",
          "add udp 80",
          "del udp x",
          "add udp 80 192.168.1.10 80 any 1 maybe igd 192.168.1.10 x",
          "add udp 1 192.168.1.10 1 any 0 on pcp 192.168.1.10 x",
          "add udp 1 192.168.1.10 1 any 0 on nat-pmp;igd=x 192.168.1.10 x",
          "add udp 1 192.168.1.10 1 any 0 on igd;igd=0 192.168.1.10 x",
          "add udp 1 192.168.1.10 1 any 0 on nat-pmp;peers=2001:db8::/32 192.168.1.10 x",
          "add udp 1 192.168.1.10 1 all 0 on igd 192.168.1.10 x",
          "add6 udp 5000 2001:db8::10 1800003600 pcp 2001:db8::10",
          "add6 udp 5000 192.168.1.10 1800003600 pcp;nonce=010000000000000000000000 ::1",
          "add6 udp 5000 2001:db8::10 0 pcp;nonce=010000000000000000000000 2001:db8::10",
          "add6 esp 5000 2001:db8::10 1800003600 pcp;nonce=010000000000000000000000 ::1",
          "del6 udp 5000",
          "pinhole 70000 tcp 5000 2001:db8::10 any 0 1800000060 ::1",
          "pinhole 7 tcp 5000 192.168.1.10 any 0 1800000060 ::1",
          "pinhole 7 tcp 5000 2001:db8::10 all 0 1800000060 ::1",
          "pinhole 7 tcp 5000 2001:db8::10 any 0 1800000060 ::1 x",
          "pinhole 7 tcp 5000 2001:db8::10 any 0 1800000060",
          "pinhole 7 tcp 5000 2001:db8::10 any 0 0 ::1",
          "close x",
          "nonsense"})
        EXPECT_FALSE(read(bad)) << bad;
}

}  // namespace
}  // namespace igd::lease
