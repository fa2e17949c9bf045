// SPDX-License-Identifier: GPL-2.0-or-later
// One account for each host, over every kind of opening, and what becomes of a host that moves, is
// never seen, or leaves.
#include "openings_fixture.h"

#include <fmt/format.h>

#include <array>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Accounts : public OpeningsTest {
protected:
    void quota(std::uint32_t own, std::uint32_t total = 1024) {
        PolicyConfig config;
        config.mappingsPerClient = own;
        config.mappingsTotal = total;
        ASSERT_TRUE(reload(config));
    }
    /// Adds a host to the LAN.
    Host host(const IpAddress& address, std::optional<MacAddress> mac) {
        return hosts[address] = {.address = address, .mac = mac};
    }
};

TEST_F(Accounts, CountAllKindsTogether) {
    quota(5);
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000)))));
    ASSERT_TRUE(isGranted(ask(wishOf(Origin::NatPmp, kAlice, 5001))));
    ASSERT_TRUE(isGranted(ask(wishOf(Origin::Pcp, kAlice6, 5002))));
    ASSERT_TRUE(isGranted(ask(pinholeOf(kAlice6, 5003))));
    ASSERT_TRUE(isGranted(ask(peerOf(kAlice))));
    for (const ChangeRequest& sixth :
         {ChangeRequest{requestOf(kAlice, udp(6001))},
          ChangeRequest{AnyMappingRequest{requestOf(kAlice, udp(6001))}},
          ChangeRequest{wishOf(Origin::NatPmp, kAlice, 6001)},
          ChangeRequest{wishOf(Origin::Pcp, kAlice, 6001)},
          ChangeRequest{wishOf(Origin::Pcp, kAlice6, 6001)},
          ChangeRequest{pinholeOf(kAlice6, 6001)}, ChangeRequest{peerOf(kAlice, 6001)},
          ChangeRequest{peerOf(kAlice6, 6001)}})
        EXPECT_EQ(errorOf(ask(sixth)), MappingError::QuotaExceeded) << sixth.index();
    EXPECT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000))))) << "PCP-MAP-17: renewals go on";
    EXPECT_TRUE(isGranted(ask(wishOf(Origin::Pcp, kAlice, 5000)))) << "a claim more is no opening";
    EXPECT_TRUE(isGranted(ask(requestOf(kBob, udp(6001)))));
}

TEST_F(Accounts, CountAllAddressesOfOneNetworkCard) {
    quota(64);
    std::size_t granted = 0;
    for (int i = 0; i < 200; ++i) {
        const Host alias = host(ipv6(fmt::format("2001:db8::a:{:x}", i).c_str()), kAlice6.mac);
        granted += isGranted(ask(wishOf(Origin::Pcp, alias))) ? 1 : 0;
    }
    EXPECT_EQ(granted, 64U);
}

TEST_F(Accounts, CountThePrefixOfHostsThatNobodyKnows) {
    quota(64);
    std::size_t granted = 0;
    for (int i = 0; i < 200; ++i) {
        const Host stranger{ipv6(fmt::format("2001:db8::a:{:x}", i).c_str())};
        granted += isGranted(ask(wishOf(Origin::Pcp, stranger))) ? 1 : 0;
    }
    EXPECT_EQ(granted, 64U);
}

TEST_F(Accounts, AreJoinedWithinTheQuotaWhenTheirHostIsFound) {
    quota(64);
    for (int i = 0; i < 200; ++i) {
        const Host alias{ipv6(fmt::format("2001:db8::a:{:x}", i).c_str())};
        (void)ask(wishOf(Origin::Pcp, alias));
        openings.hostFound(lan, host(alias.address, kAlice6.mac), t0);
    }
    EXPECT_EQ(openings.lists().size(), 64U);
}

TEST_F(Accounts, KeepTheirOpeningsWhenTheirHostIsFound) {
    quota(2);
    const Host stranger{ipv4("192.168.1.30")};
    ASSERT_TRUE(isGranted(ask(requestOf(stranger, udp(5000)))));
    ASSERT_TRUE(isGranted(ask(requestOf(stranger, udp(5001)))));
    openings.hostFound(lan, host(stranger.address, mac(3)), t0);
    EXPECT_EQ(openings.lists().size(), 2U);
    EXPECT_EQ(errorOf(ask(requestOf(hosts.at(stranger.address), udp(5002)))),
              MappingError::QuotaExceeded);
}

TEST_F(Accounts, SurviveARestart) {
    quota(1);
    const std::array earlier{mappingOf(kAlice, udp(5000), t0 + 60s)};
    ASSERT_TRUE(openings.restore(earlier, t0));
    EXPECT_EQ(errorOf(ask(pinholeOf(kAlice6, 5000))), MappingError::QuotaExceeded);
}

TEST_F(Accounts, TakeTheirPortsToAnotherAddress) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000)))));
    (void)grant(wishOf(Origin::Pcp, kAlice, 6000));
    const Host moved = host(ipv4("192.168.1.11"), kAlice.mac);
    ASSERT_TRUE(isGranted(ask(requestOf(moved, udp(5000)))));
    EXPECT_EQ(openings.lists().at(0, kAlice, t0)->key, udp(5000)) << "in its old place";
    EXPECT_EQ(grant(wishOf(Origin::Pcp, moved, 6000)).externalPort, Port{6000});
    EXPECT_THAT(firewall.texts(),
                ElementsAre("udp 5000 -> 192.168.1.11:5000", "udp 6000 -> 192.168.1.11:6000"));
}

TEST_F(Accounts, TakeTheirPortsAlongByEachWay) {
    const Host moved = host(ipv4("192.168.1.11"), kAlice.mac);
    PortRequest exact = wishOf(Origin::Pcp, moved);
    exact.suggestedPort = Port{5000};
    exact.exact = true;
    for (const ChangeRequest& again :
         {ChangeRequest{requestOf(moved, udp(5000))},
          ChangeRequest{AnyMappingRequest{requestOf(moved, udp(5000))}},
          ChangeRequest{wishOf(Origin::NatPmp, moved)}, ChangeRequest{wishOf(Origin::Pcp, moved)},
          ChangeRequest{exact}}) {
        ASSERT_TRUE(isGranted(ask(wishOf(Origin::NatPmp, kAlice))));
        ASSERT_TRUE(isGranted(ask(again)));
        EXPECT_THAT(firewall.texts(), ElementsAre("udp 5000 -> 192.168.1.11:5000"));
        EXPECT_EQ(openings.lists().all().at(0).claims.size(), 1U) << "the old claims are gone";
        ASSERT_TRUE(openings.clear(t0));
    }
}

TEST_F(Accounts, TakeTheirPortsAlongAtTheirQuota) {
    quota(1);
    const Host moved = host(ipv4("192.168.1.11"), kAlice.mac);
    for (const ChangeRequest& again :
         {ChangeRequest{requestOf(moved, udp(5000))},
          ChangeRequest{AnyMappingRequest{requestOf(moved, udp(5000))}},
          ChangeRequest{wishOf(Origin::NatPmp, moved)},
          ChangeRequest{wishOf(Origin::Pcp, moved)}}) {
        ASSERT_TRUE(isGranted(ask(wishOf(Origin::Pcp, kAlice))));
        EXPECT_TRUE(isGranted(ask(again))) << again.index();
        EXPECT_EQ(openings.lists().size(), 1U);
        ASSERT_TRUE(openings.clear(t0));
    }
}

TEST_F(Accounts, LeaveThePortToAnotherHostAtTheAddress) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000)))));
    EXPECT_EQ(errorOf(ask(requestOf(host(ipv4("192.168.1.11"), mac(9)), udp(5000)))),
              MappingError::Conflict);
}

TEST_F(Accounts, OfHostsThatWereNeverSeenEndWithinMinutes) {
    const Host forged{ipv4("192.168.1.99")};
    ASSERT_TRUE(isGranted(ask(wishOf(Origin::NatPmp, forged, 5000, 86400s))));
    ASSERT_TRUE(isGranted(ask(pinholeOf({ipv6("2001:db8::99")}, 5000, 86400s))));
    ASSERT_TRUE(isGranted(ask(peerOf(forged, 6000, 86400s))));
    EXPECT_EQ(openings.nextExpiry(), t0 + 120s);
    ASSERT_TRUE(openings.expire(t0 + 119s));
    EXPECT_EQ(openings.lists().size(), 3U);
    ASSERT_TRUE(openings.expire(t0 + 120s));
    EXPECT_EQ(openings.lists().size(), 0U);
}

TEST_F(Accounts, OfHostsThatAreSeenInTimeStay) {
    const Host late{ipv4("192.168.1.99")};
    ASSERT_TRUE(isGranted(ask(wishOf(Origin::NatPmp, late, 5000, 600s))));
    openings.hostFound(lan, host(late.address, mac(9)), t0 + 60s);
    EXPECT_EQ(openings.nextExpiry(), t0 + 600s);
    EXPECT_EQ(openings.lists().all().at(0).account, Account{mac(9)});
    EXPECT_EQ(record.stored.size(), 2U) << "the lease file hears of it";
    openings.hostFound(lan, hosts.at(late.address), t0 + 61s);
    EXPECT_EQ(record.stored.size(), 2U) << "once";
}

TEST_F(Accounts, OfHostsBehindARouterNeedNoNeighbour) {
    lan.routed = {*parseIpv4Prefix("10.7.0.0/16")};
    ASSERT_TRUE(isGranted(ask(wishOf(Origin::NatPmp, {ipv4("10.7.0.5")}, 5000, 600s))));
    EXPECT_EQ(openings.nextExpiry(), t0 + 600s);
}

TEST_F(Accounts, OfHostsThatHaveLeftEndAfterTheTimeout) {
    PolicyConfig config;
    config.absentHostTimeout = 3600s;
    ASSERT_TRUE(reload(config));
    MappingRequest endless = requestOf(kAlice, udp(5000), 0s);
    endless.endless = true;
    ASSERT_TRUE(isGranted(ask(endless)));
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, udp(5001), 86400s))));
    openings.hostLost(kAlice.address, t0);
    openings.hostLost(kAlice.address, t0 + 600s);
    EXPECT_EQ(openings.nextExpiry(), t0 + 3600s) << "since it was lost at first";
    ASSERT_TRUE(openings.expire(t0 + 3600s));
    EXPECT_THAT(firewall.texts(), ElementsAre("udp 5001 -> 192.168.1.20:5001"));
}

TEST_F(Accounts, OfHostsThatComeBackGoOn) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000), 600000s))));
    openings.hostLost(kAlice.address, t0);
    EXPECT_EQ(openings.nextExpiry(), t0 + 86400s);
    openings.hostFound(lan, kAlice, t0 + 60s);
    EXPECT_EQ(openings.nextExpiry(), t0 + 600000s);
}

TEST_F(Accounts, OfAbsentHostsStayWhereThatIsWished) {
    PolicyConfig config;
    config.absentHostTimeout.reset();
    ASSERT_TRUE(reload(config));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000), 86400s))));
    openings.hostLost(kAlice.address, t0);
    EXPECT_EQ(openings.nextExpiry(), t0 + 86400s);
    ASSERT_TRUE(isGranted(ask(requestOf({ipv4("192.168.1.99")}, udp(5001)))));
    EXPECT_EQ(openings.nextExpiry(), t0 + 120s) << "who was never seen is another matter";
}

TEST_F(Accounts, OfTheAdministratorKnowNoAbsence) {
    const std::array fixed{mappingOf(kAlice, udp(5000), std::nullopt, Origin::Static)};
    ASSERT_TRUE(openings.restore(fixed, t0));
    openings.hostLost(kAlice.address, t0);
    EXPECT_FALSE(openings.nextExpiry());
}

TEST_F(Accounts, AreNotForgottenWhenAThirdPartyRenews) {
    PolicyConfig config;
    config.thirdParties = {kEverybody};
    ASSERT_TRUE(reload(config));
    MappingRequest request = requestOf(kAlice, udp(5000), 86400s);
    request.requester = std::get<Ipv4Address>(kBob.address);
    ASSERT_TRUE(isGranted(ask(request)));
    hosts.erase(kAlice.address);  // she is asleep, and her entry is gone
    ASSERT_TRUE(isGranted(ask(request)));
    EXPECT_EQ(openings.lists().all().at(0).account, accountOf(kAlice));
    EXPECT_EQ(openings.nextExpiry(), t0 + 86400s) << "she was seen once";
}

TEST_F(Accounts, AreJudgedByTheLinesOnceTheirHostIsFound) {
    PolicyConfig config;
    config.permissions = {deny("0-65535", mac(9)),
                          deny("0-65535", *parseIpv4Prefix("192.168.1.77/32"))};
    ASSERT_TRUE(reload(config));
    for (const std::uint16_t port : Ports{5000, 5001}) {
        ASSERT_TRUE(isGranted(ask(requestOf({ipv4("192.168.1.98")}, udp(port)))));
        ASSERT_TRUE(isGranted(ask(pinholeOf({ipv6("2001:db8::99")}, port))));
    }
    openings.hostFound(lan, host(ipv4("192.168.1.98"), mac(8)), t0);
    EXPECT_EQ(openings.lists().size(), 4U);
    openings.hostFound(lan, host(ipv4("192.168.1.98"), mac(9)), t0);
    EXPECT_EQ(openings.lists().size(), 2U) << "denied by its hardware address";
    openings.hostFound(
        lan, {.address = ipv6("2001:db8::99"), .mac = mac(7), .ipv4 = {ipv4("192.168.1.77")}}, t0);
    EXPECT_EQ(openings.lists().size(), 0U) << "denied by its IPv4 address";
    EXPECT_THAT(firewall.texts(), IsEmpty());
}

TEST_F(Accounts, CostTheKernelNothingWhenTheirHostComesAndGoes) {
    for (const std::uint16_t port : Ports{5000, 5001, 5002})
        ASSERT_TRUE(isGranted(ask(requestOf({kAlice.address}, udp(port)))));
    const int before = firewall.changes;
    openings.hostFound(lan, kAlice, t0);
    openings.hostLost(kAlice.address, t0);
    openings.hostFound(lan, kAlice, t0);
    EXPECT_EQ(firewall.changes, before);
    EXPECT_EQ(openings.updateId(), 3U);
}

TEST_F(Accounts, AreNamedOnce) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000)))));
    ASSERT_TRUE(isGranted(ask(peerOf(kAlice))));
    ASSERT_TRUE(isGranted(ask(pinholeOf(kBob6, 5000))));
    EXPECT_THAT(openings.lists().clients(), ElementsAre(kAlice.address, kBob6.address));
}

}  // namespace
}  // namespace igd
