// SPDX-License-Identifier: GPL-2.0-or-later
// A configuration that was read again, and leases of an earlier run.
#include "openings_fixture.h"

#include <array>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

PolicyConfig denying(std::uint16_t port) {
    PolicyConfig config;
    config.permissions = {deny(std::to_string(port).c_str())};
    return config;
}
PolicyConfig openToAll() {
    PolicyConfig config;
    config.thirdParties = {kEverybody};
    return config;
}
Opening fixed(MappingKey key) {
    return mappingOf(kBob, key, std::nullopt, Origin::Static);
}

class Standing : public OpeningsTest {
protected:
    std::size_t ended(const Result<PolicyChange>& change) {
        return change->mappings + change->pinholes;
    }
    std::vector<MappingKey> keys() {
        std::vector<MappingKey> keys;
        for (const Opening& each : openings.lists().all())
            if (each.kind == OpeningKind::Mapping) keys.push_back(each.key());
        return keys;
    }
    /// Alice, or Bob himself, has Bob's port mapped.
    void mapForBob(std::uint16_t port, const Host& requester) {
        MappingRequest request = requestOf(kBob, udp(port));
        request.requester = std::get<Ipv4Address>(requester.address);
        ASSERT_TRUE(isGranted(ask(request)));
    }
};

TEST_F(Standing, EndsWhatIsNotPermittedAndNothingElse) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(40001)))));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(40002)))));
    ASSERT_TRUE(isGranted(ask(pinholeOf(kAlice6, 40001))));
    ASSERT_TRUE(isGranted(ask(peerOf(kAlice, 40001))));
    const auto change = reload(denying(40001));
    EXPECT_EQ(change->mappings, 1U);
    EXPECT_EQ(change->pinholes, 2U);
    EXPECT_THAT(firewall.texts(), ElementsAre("udp 40002 -> 192.168.1.10:40002"));
    EXPECT_THAT(firewall.flows, IsEmpty());
    EXPECT_THAT(record.ended,
                UnorderedElementsAre("udp 40001 -> 192.168.1.10:40001",
                                     "pinhole udp [2001:db8::10]:40001 from any",
                                     "flow udp 192.168.1.10:40001 to 80.100.100.9:80"));
    EXPECT_FALSE(isGranted(ask(requestOf(kAlice, udp(40001)))));
}

TEST_F(Standing, LeavesEverythingWhenTheKernelRefuses) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(40001)))));
    const auto before = openings.lists().all();
    firewall.broken = true;
    EXPECT_EQ(reload(denying(40001), {fixed(udp(40009))}).error(), MappingError::Backend);
    firewall.broken = false;
    EXPECT_EQ(openings.lists().all(), before);
    EXPECT_TRUE(isGranted(ask(requestOf(kAlice, udp(40001))))) << "the old policy is in force";
}

TEST_F(Standing, EndsTheClaimsThatAreNotPermittedEachForItsOwnReason) {
    ASSERT_TRUE(reload(openToAll()));
    mapForBob(40001, kAlice);
    (void)grant(wishOf(Origin::Pcp, kBob, 40001));
    testing::internal::CaptureStderr();
    PolicyConfig config = denying(40002);
    EXPECT_EQ(ended(reload(config)), 0U);
    EXPECT_EQ(openings.lists().all().at(0).claims.size(), 1U);
    EXPECT_EQ(openings.lists().all().at(0).claims.at(0).origin, Origin::Pcp);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("allow_third_party"));
}

TEST_F(Standing, EndsWhatWasMadeForOthersWhenThatIsForbidden) {
    ASSERT_TRUE(reload(openToAll()));
    mapForBob(40001, kAlice);
    EXPECT_EQ(ended(reload({})), 1U);
    EXPECT_THAT(firewall.texts(), IsEmpty());
}

TEST_F(Standing, LeavesToAHostWhatItHasAskedForToo) {
    ASSERT_TRUE(reload(openToAll()));
    std::uint16_t port = 40001;
    for (const auto& [first, second] :
         {std::pair{kAlice, kAlice}, {kBob, kAlice}, {kAlice, kBob}, {kBob, kBob}}) {
        mapForBob(port, first);
        mapForBob(port++, second);
    }
    EXPECT_EQ(ended(reload({})), 1U);
    EXPECT_THAT(keys(), UnorderedElementsAre(udp(40002), udp(40003), udp(40004)));
}

TEST_F(Standing, LeavesPinholesThatTheClientHasKeptItself) {
    ASSERT_TRUE(reload(openToAll()));
    std::vector<PinholeId> ids;
    for (const std::uint16_t port : Ports{5000, 5001, 5002}) {
        PinholeRequest request = pinholeOf(kBob6, port);
        request.requester = kAlice6.address;
        ids.push_back(std::get<PinholeOpened>(ask(request)).id);
    }
    ASSERT_TRUE(isGranted(ask(PinholeUpdate{ids[1], 60s, kBob.address})));
    ASSERT_TRUE(isGranted(ask(wishOf(Origin::Pcp, kBob6, 5002))));
    EXPECT_EQ(ended(reload({})), 1U);
    EXPECT_THAT(firewall.texts(),
                ElementsAre("udp [2001:db8::20]:5001", "udp [2001:db8::20]:5002"));
    EXPECT_EQ(errorOf(ask(PinholeUpdate{ids[2], 60s, kBob6.address})), MappingError::NotFound)
        << "that one is PCP's alone";
}

TEST_F(Standing, LetsTheNumbersOfPinholesRest) {  // IGD-6FC-25
    const auto id = std::get<PinholeOpened>(ask(pinholeOf(kAlice6, 40001))).id;
    ASSERT_EQ(ended(reload(denying(40001))), 1U);
    ASSERT_TRUE(reload({}));
    const std::array last{pinholeAt(kAlice6, 7000, 65535, t0 + 3600s)};
    ASSERT_TRUE(openings.restore(last, t0));
    const auto next = std::get<PinholeOpened>(ask(pinholeOf(kAlice6, 40001), t0 + 59s)).id;
    EXPECT_EQ(next, id + 1) << "1 comes after 65535";
}

TEST_F(Standing, KnowsWhoMayAskForOthersByEachProtocol) {
    ASSERT_TRUE(reload(openToAll()));
    mapForBob(40001, kAlice);
    PortRequest byPcp = wishOf(Origin::Pcp, kBob, 40002);
    byPcp.requester = kAlice.address;
    (void)grant(byPcp);
    byPcp.client = kBob6.address;
    byPcp.requester = kAlice6.address;
    (void)grant(byPcp);
    PolicyConfig named;
    named.thirdParties = {filter("192.168.1.10/32").remote};
    EXPECT_EQ(ended(reload(named)), 1U);
    EXPECT_THAT(keys(), ElementsAre(udp(40001), udp(40002)));
    EXPECT_EQ(ended(reload({}, {}, Lans{{}, false})), 2U) << "whatever networks are there";
}

TEST_F(Standing, ShortensLeasesThatAreLongerThanOneOfNow) {
    MappingRequest endless = requestOf(kAlice, udp(40002), 0s);
    endless.endless = true;
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(40001), 7200s))));
    ASSERT_TRUE(isGranted(ask(endless)));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(40003), 600s))));
    PolicyConfig shorter;
    shorter.maxLease = 3600s;
    const int before = firewall.changes;
    const auto change = reload(shorter);
    EXPECT_EQ(ended(change), 0U);
    EXPECT_EQ(change->shortened, 1U);
    EXPECT_EQ(firewall.changes, before + 1);
    EXPECT_EQ(openings.lists().all()[0].end(), t0 + 3600s);
    EXPECT_FALSE(openings.lists().all()[1].end());
    EXPECT_EQ(openings.lists().all()[2].end(), t0 + 600s);
    EXPECT_EQ(firewall.rules.back().timeout, 3600s + kKernelGrace);
    EXPECT_EQ(reload(shorter)->shortened, 0U);
    firewall.broken = true;
    shorter.maxLease = 60s;
    EXPECT_FALSE(reload(shorter));
    EXPECT_EQ(openings.lists().all()[0].end(), t0 + 3600s);
}

TEST_F(Standing, ShortensTheClaimsOfEachProtocolByItsOwnMeasure) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(40001), 7200s))));
    (void)grant(wishOf(Origin::NatPmp, kAlice, 40002, 7200s));
    (void)grant(wishOf(Origin::Pcp, kAlice6, 40003, 7200s));
    (void)grant(peerOf(kAlice, 40004, 7200s));
    ASSERT_TRUE(isGranted(ask(pinholeOf(kAlice6, 40005, 7200s))));
    PolicyConfig shorter;
    shorter.pcpMaxLease = 600s;
    EXPECT_EQ(reload(shorter)->shortened, 3U);
    EXPECT_EQ(view(udp(40001))->remainingLease, 7200s);
    EXPECT_EQ(view(udp(40002))->remainingLease, 600s);
    shorter.maxLease = 300s;
    EXPECT_EQ(reload(shorter)->shortened, 1U) << "no setting limits a pinhole of UPnP's";
}

TEST_F(Standing, LetsALeaseBeAsLongAsWhoAsksForNoneGets) {
    defaultLease = 50000s;
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(40001), 0s))));
    PolicyConfig shorter;
    shorter.maxLease = 3600s;
    EXPECT_EQ(reload(shorter)->shortened, 0U);
    defaultLease = 900s;
    EXPECT_EQ(reload(shorter)->shortened, 1U);
    EXPECT_EQ(openings.lists().all()[0].end(), t0 + 3600s);
}

TEST_F(Standing, DoesNotCountQuotas) {
    for (const std::uint16_t port : Ports{40001, 40002, 40003})
        ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(port)))));
    PolicyConfig narrow;
    narrow.mappingsPerClient = narrow.mappingsTotal = 1;
    EXPECT_EQ(ended(reload(narrow)), 0U);
    openings.hostFound(lan, kAlice, t0);
    EXPECT_EQ(openings.lists().size(), 3U);
    EXPECT_FALSE(isGranted(ask(requestOf(kAlice, udp(40009)))));
}

TEST_F(Standing, KnowsTheNetworksThatAreServed) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(40001)))));
    ASSERT_TRUE(isGranted(ask(pinholeOf(kAlice6, 40001))));
    EXPECT_EQ(ended(reload({}, {}, Lans{{}, false})), 0U) << "its network may come yet";
    EXPECT_EQ(ended(reload({}, {}, Lans{{}, true})), 1U);
    EXPECT_EQ(openings.lists().count(OpeningKind::Pinhole), 1U) << "a prefix may come and go";
}

TEST_F(Standing, WaitsForHardwareAddressesThatNobodyKnowsYet) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(40001)))));
    PolicyConfig config = denying(40001);
    config.permissions.insert(config.permissions.begin(), allow("40001", mac(1), "0-65535"));
    hosts.erase(kAlice.address);
    EXPECT_EQ(ended(reload(config)), 0U);
    openings.hostFound(lan, kAlice, t0);
    EXPECT_EQ(openings.lists().size(), 1U);
    openings.hostFound(lan, {kAlice.address, mac(2)}, t0);
    EXPECT_EQ(openings.lists().size(), 0U);
}

TEST_F(Standing, WaitsForNoHardwareAddressOfAHostBehindARouter) {
    lan.routed = {*parseIpv4Prefix("10.7.0.0/16")};
    lan.routed6 = {filter("2001:db8:7::/48").remote};
    ASSERT_TRUE(isGranted(ask(requestOf({ipv4("10.7.0.5")}, udp(40001)))));
    ASSERT_TRUE(isGranted(ask(pinholeOf({ipv6("2001:db8:7::5")}, 40001))));
    PolicyConfig config = denying(40001);
    config.permissions.push_back(deny("1-1023", mac(9)));
    config.permissions.push_back(deny("1-1023", *parseIpv4Prefix("192.168.1.77/32")));
    EXPECT_EQ(ended(reload(config)), 2U) << "nobody will ever see it";
}

TEST_F(Standing, TheAdministratorsOwnComeGoAndWin) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(40001)))));
    EXPECT_EQ(ended(reload({}, {fixed(tcp(40001)), fixed(tcp(40002))})), 0U);
    EXPECT_THAT(firewall.texts(),
                ElementsAre("tcp 40001 -> 192.168.1.20:40001", "tcp 40002 -> 192.168.1.20:40002"));
    const int before = firewall.changes;
    EXPECT_EQ(ended(reload({}, {fixed(tcp(40001)), fixed(tcp(40002))})), 0U);
    EXPECT_EQ(firewall.changes, before) << "what is there already costs the kernel nothing";
    EXPECT_EQ(ended(reload({}, {fixed(tcp(40002))})), 0U);
    EXPECT_THAT(keys(), ElementsAre(tcp(40002)));
}

TEST_F(Standing, TheAdministratorsOwnChangeInTheirPlace) {
    ASSERT_TRUE(reload({}, {fixed(tcp(40001)), fixed(tcp(40002))}));
    Opening moved = fixed(tcp(40001));
    moved.internal.port = Port{80};
    ASSERT_TRUE(reload({}, {moved, fixed(tcp(40002))}));
    EXPECT_THAT(keys(), ElementsAre(tcp(40001), tcp(40002)));
    EXPECT_THAT(firewall.texts(),
                ElementsAre("tcp 40001 -> 192.168.1.20:80", "tcp 40002 -> 192.168.1.20:40002"));
}

TEST_F(Standing, IsNotForTheAdministratorsOwn) {
    EXPECT_EQ(ended(reload(denying(40001), {fixed(udp(40001))})), 0U);
    openings.hostFound(lan, kBob, t0);
    EXPECT_EQ(openings.lists().size(), 1U);
}

TEST_F(Standing, RestoresWhatStillRunsInOneChange) {                   // IGD-Map-20, IWF-10
    firewall.rules.push_back(*ruleFor(mappingOf(kBob, tcp(99)), t0));  // of a killed daemon
    Opening shared = mappingOf(kAlice, tcp(1), t0 + 60s);
    shared.put({.origin = Origin::Pcp,
                .requester = kAlice.address,
                .expiresAt = t0 + 90s,
                .filters = {filter("80.1.0.0/16")},
                .nonce = kNonce});
    const std::array saved{shared, mappingOf(kBob, tcp(2), t0 + 60s), mappingOf(kBob, tcp(3), t0),
                           mappingOf(kBob, tcp(1)), pinholeAt(kAlice6, 5000, 7, t0 + 60s)};
    ASSERT_TRUE(openings.restore(saved, t0));
    EXPECT_EQ(firewall.replacements, 1);
    EXPECT_THAT(firewall.texts(), ElementsAre("tcp 1 -> 192.168.1.10:1", "tcp 2 -> 192.168.1.20:2",
                                              "udp [2001:db8::10]:5000"));
    EXPECT_EQ(openings.lists().at(0, kBob, t0)->internal.address, ipv4("192.168.1.10"));
    EXPECT_EQ(openings.lists().at(1, kBob, t0)->remainingLease, 60s);
    EXPECT_EQ(openings.lists().at(2, kBob, t0).error(), MappingError::IndexOutOfRange);
    EXPECT_EQ(openings.lists().all().at(0).claims, shared.claims);
}

TEST_F(Standing, TellsWhenTheKernelTakesNothingAtAStart) {
    firewall.broken = true;
    EXPECT_EQ(openings.restore(std::array{mappingOf(kAlice, tcp(1))}, t0).error(),
              MappingError::Backend);
}

TEST_F(Standing, PutsTheRulesBackWithTheTimeThatIsLeft) {
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000), 100s))));
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, tcp(5001)))));
    const auto before = openings.lists().all();
    firewall.rules.clear();
    ASSERT_TRUE(openings.repair(t0 + 60s));
    EXPECT_THAT(firewall.texts(),
                ElementsAre("tcp 5000 -> 192.168.1.10:5000", "tcp 5001 -> 192.168.1.20:5001"));
    EXPECT_LT(firewall.rules.front().timeout, 60s);
    EXPECT_EQ(openings.lists().all(), before);
}

}  // namespace
}  // namespace igd
