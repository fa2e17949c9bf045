// SPDX-License-Identifier: GPL-2.0-or-later
// UPnP's pinholes.
#include "openings_fixture.h"

#include <array>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class UpnpPinholes : public OpeningsTest {
protected:
    PinholeId open(const PinholeRequest& request, TimePoint now = t0) {
        return std::get<PinholeOpened>(ask(request, now)).id;
    }
    Result<std::uint64_t> packets(PinholeId id, const Host& requester, TimePoint now = t0) {
        return openings.packets(id, {requester, requester, lan}, now);
    }
};

TEST_F(UpnpPinholes, OpenThePortOfTheHost) {  // IGD-6FC-06
    ASSERT_NE(open(pinholeOf(kAlice6, 5000)), 0);
    EXPECT_THAT(firewall.texts(), ElementsAre("udp [2001:db8::10]:5000"));
    EXPECT_THAT(record.stored, ElementsAre("pinhole udp [2001:db8::10]:5000 from any"));
}

TEST_F(UpnpPinholes, LetInTheRemoteEndThatIsNamed) {  // IGD-6FC-09, -10
    PinholeRequest request = pinholeOf(kAlice6, 5000);
    request.key.remotePort = Port{53};
    (void)open(request);
    request.key.remoteHost = ipv6("2001:db8:ffff::1");
    (void)open(request);
    request.key.remotePort.reset();
    (void)open(request);
    EXPECT_THAT(firewall.texts(),
                ElementsAre("udp [2001:db8::10]:5000 from 2001:db8:ffff::1/128",
                            "udp [2001:db8::10]:5000 from 2001:db8:ffff::1/128@53",
                            "udp [2001:db8::10]:5000 from ::/0@53"));
}

TEST_F(UpnpPinholes, AreTheSameWhenAskedForAgain) {  // IGD-6FC-07, -08
    const auto first = open(pinholeOf(kAlice6, 5000));
    EXPECT_EQ(open(pinholeOf(kAlice6, 5000, 60s)), first);
    EXPECT_EQ(openings.nextExpiry(), t0 + 60s);
    EXPECT_NE(open(pinholeOf(kAlice6, 5001)), first);
    EXPECT_EQ(firewall.rules.size(), 2U);
}

TEST_F(UpnpPinholes, AreForTheHostThatAsks) {  // IGD-6FC-17 to -21
    PinholeRequest foreign = pinholeOf(kBob6, 5000);
    foreign.requester = kAlice6.address;
    EXPECT_EQ(errorOf(ask(foreign)), MappingError::NotAuthorized);
    PinholeRequest overIpv4 = pinholeOf(kAlice6, 5000);
    overIpv4.requester = kAlice.address;
    EXPECT_TRUE(isGranted(ask(overIpv4)));
    overIpv4.requester = kBob.address;
    EXPECT_EQ(errorOf(ask(overIpv4)), MappingError::NotAuthorized);
}

TEST_F(UpnpPinholes, AreGrantedToATemporaryAddressForTheStableOne) {
    const Host temporary{.address = ipv6("2001:db8::abc"), .mac = kAlice6.mac};
    hosts[temporary.address] = temporary;
    PinholeRequest request = pinholeOf(kAlice6, 5000);
    request.requester = temporary.address;
    EXPECT_TRUE(isGranted(ask(request)));
    EXPECT_EQ(openings.lists().all().front().claims.front().requester, kAlice6.address);
}

TEST_F(UpnpPinholes, HaveAnEnd) {  // IGD-6FC-24, -25
    const auto id = open(pinholeOf(kAlice6, 5000, 100s));
    ASSERT_TRUE(isGranted(ask(PinholeUpdate{id, 10s, kAlice6.address})));
    ASSERT_TRUE(openings.expire(t0 + 9s));
    EXPECT_EQ(openings.lists().size(), 1U);
    ASSERT_TRUE(openings.expire(t0 + 10s));
    EXPECT_THAT(firewall.texts(), IsEmpty());
    EXPECT_EQ(packets(id, kAlice6, t0 + 10s).error(), MappingError::NotFound);
    EXPECT_FALSE(openings.nextExpiry());
}

TEST_F(UpnpPinholes, TakeNoLeaseButTheirOwn) {  // IGD-6FC-16
    PolicyConfig config;
    config.minLease = 600s;
    config.maxLease = 1200s;
    ASSERT_TRUE(reload(config));
    for (const Seconds lease : {1s, 86400s}) {
        (void)open(pinholeOf(kAlice6, 5000, lease));
        EXPECT_EQ(openings.nextExpiry(), t0 + lease);
    }
}

TEST_F(UpnpPinholes, DoNotTakeANumberAgainAtOnce) {  // IGD-6FC-25
    const auto first = open(pinholeOf(kAlice6, 5000));
    ASSERT_TRUE(isGranted(ask(PinholeRelease{first, kAlice6.address})));
    const std::array last{pinholeAt(kAlice6, 7000, 65535, t0 + 3600s)};
    ASSERT_TRUE(openings.restore(last, t0));
    EXPECT_EQ(open(pinholeOf(kAlice6, 5000), t0 + 59s), first + 1) << "1 comes after 65535";
}

TEST_F(UpnpPinholes, BelongToTheirHost) {  // IGD-6FC-22, -23
    const auto id = open(pinholeOf(kAlice6, 5000));
    EXPECT_EQ(errorOf(ask(PinholeRelease{id, kBob6.address})), MappingError::NotAuthorized);
    EXPECT_EQ(errorOf(ask(PinholeUpdate{id, 1s, kBob6.address})), MappingError::NotAuthorized);
    EXPECT_EQ(packets(id, kBob6).error(), MappingError::NotAuthorized);
    EXPECT_EQ(packets(id, kAlice), 3U);
    EXPECT_EQ(openings.nextExpiry(), t0 + 3600s);
    EXPECT_EQ(errorOf(ask(PinholeRelease{4711, kAlice6.address})), MappingError::NotFound);
    EXPECT_EQ(errorOf(ask(PinholeUpdate{4711, 1s, kAlice6.address})), MappingError::NotFound);
    EXPECT_TRUE(isGranted(ask(PinholeRelease{id, kAlice6.address})));
    EXPECT_THAT(firewall.texts(), IsEmpty());
}

TEST_F(UpnpPinholes, BelongToOneHostOfAPrefixWhoseHostsNobodyKnows) {  // IGD-6FC-23
    lan.routed6 = {filter("2001:db8:7::/64").remote};
    const Host one{ipv6("2001:db8:7::1")};
    const IpAddress other = ipv6("2001:db8:7::2");
    const auto id = open(pinholeOf(one, 5000));
    EXPECT_EQ(errorOf(ask(PinholeRelease{id, other})), MappingError::NotAuthorized);
    EXPECT_EQ(errorOf(ask(PinholeUpdate{id, 1s, other})), MappingError::NotAuthorized);
    EXPECT_EQ(packets(id, {other}).error(), MappingError::NotAuthorized);
    EXPECT_TRUE(isGranted(ask(PinholeRelease{id, one.address})));
}

TEST_F(UpnpPinholes, AreManagedByThirdPartiesWhereThatIsAllowed) {
    PolicyConfig config;
    config.thirdParties = {filter("192.168.1.20/32").remote};
    ASSERT_TRUE(reload(config));
    const auto id = open(pinholeOf(kAlice6, 5000));
    EXPECT_TRUE(isGranted(ask(PinholeUpdate{id, 60s, kBob.address})));
    EXPECT_EQ(packets(id, kBob), 3U);
    EXPECT_EQ(errorOf(ask(PinholeRelease{id, kBob6.address})), MappingError::NotAuthorized);
    EXPECT_TRUE(isGranted(ask(PinholeRelease{id, kBob.address})));
}

TEST_F(UpnpPinholes, AreCounted) {  // IGD-6FC-28
    PolicyConfig config;
    config.mappingsPerClient = 2;
    ASSERT_TRUE(reload(config));
    EXPECT_TRUE(isGranted(ask(pinholeOf(kAlice6, 5000))));
    EXPECT_TRUE(isGranted(ask(pinholeOf(kAlice6, 5001))));
    EXPECT_EQ(errorOf(ask(pinholeOf(kAlice6, 5002))), MappingError::QuotaExceeded);
    EXPECT_TRUE(isGranted(ask(pinholeOf(kAlice6, 5001))));
}

TEST_F(UpnpPinholes, AreEndedByTheAdministrator) {
    (void)open(pinholeOf(kAlice6, 5000));
    PinholeRequest narrow = pinholeOf(kAlice6, 5000);
    narrow.key.remotePort = Port{53};
    (void)open(narrow);
    (void)open(pinholeOf(kBob6, 5000));
    const auto client = std::get<Ipv6Address>(kAlice6.address);
    EXPECT_EQ(openings.removePinholes(Protocol::Udp, client, Port{5001}, t0).error(),
              MappingError::NotFound);
    EXPECT_EQ(openings.removePinholes(Protocol::Udp, client, Port{5000}, t0), 2U);
    EXPECT_THAT(firewall.texts(), ElementsAre("udp [2001:db8::20]:5000"));
}

TEST_F(UpnpPinholes, EndWithTheirPrefix) {  // IGD-6FC-31, PCP-V6-10
    const auto id = open(pinholeOf(kAlice6, 5000));
    const Ipv6Prefix other = filter("2001:db8:1::1/64").remote;
    EXPECT_EQ(openings.keepWithin(std::array{other, lan.addresses6.front()}, t0), false);
    EXPECT_EQ(openings.lists().size(), 1U);
    EXPECT_EQ(openings.keepWithin(std::array{other}, t0), true);
    EXPECT_THAT(firewall.texts(), IsEmpty());
    EXPECT_EQ(errorOf(ask(PinholeUpdate{id, 1s, kAlice6.address})), MappingError::NotFound);
    EXPECT_EQ(openings.keepWithin(std::array{other}, t0), false);
}

TEST_F(UpnpPinholes, OfAnEarlierRunWaitForTheirPrefix) {
    const std::array earlier{pinholeAt(kAlice6, 5000, 7, t0 + 60s)};
    ASSERT_TRUE(openings.restore(earlier, t0));
    EXPECT_EQ(openings.keepWithin({}, t0), false);
    EXPECT_EQ(openings.lists().size(), 1U);
    EXPECT_EQ(openings.keepWithin(kLan.addresses6, t0), false);
    EXPECT_EQ(openings.keepWithin({}, t0), true) << "it came, and it went";
}

TEST_F(UpnpPinholes, OfAnEarlierRunKeepTheirNumbers) {
    const std::array earlier{pinholeAt(kAlice6, 5000, 7, t0 + 60s)};
    ASSERT_TRUE(openings.restore(earlier, t0));
    EXPECT_EQ(open(pinholeOf(kAlice6, 5000)), 7);
    EXPECT_EQ(open(pinholeOf(kAlice6, 5001)), 8);
}

TEST_F(UpnpPinholes, OfAnEarlierRunHaveNoNumberOnceUpnpsLeaseIsOver) {
    Opening shared = pinholeAt(kAlice6, 5000, 7, t0);
    shared.put({.origin = Origin::Pcp,
                .requester = kAlice6.address,
                .expiresAt = t0 + 60s,
                .nonce = kNonce});
    ASSERT_TRUE(openings.restore(std::array{shared}, t0));
    EXPECT_EQ(openings.lists().size(), 1U);
    EXPECT_EQ(errorOf(ask(PinholeUpdate{7, 60s, kAlice6.address})), MappingError::NotFound);
}

}  // namespace
}  // namespace igd
