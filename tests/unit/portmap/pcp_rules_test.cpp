// SPDX-License-Identifier: GPL-2.0-or-later
// NAT-PMP and PCP's MAP, over IPv4 and IPv6.
#include "openings_fixture.h"

#include <array>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A wish of PCP's or NAT-PMP's with a suggested external port.
PortRequest suggesting(PortRequest request, std::uint16_t port, bool exact = false) {
    request.suggestedPort = Port{port};
    request.exact = exact;
    return request;
}
PortRequest withNonce(PortRequest request, const Nonce& nonce) {
    request.nonce = nonce;
    return request;
}
PortRequest withFilters(PortRequest request, std::vector<PeerFilter> filters, bool drop = false) {
    request.filters = std::move(filters);
    request.dropFilters = drop;
    return request;
}

class PortControl : public OpeningsTest {
protected:
    PortRefusal refusal(const ChangeRequest& request) {
        return std::get<PortRefusal>(ask(request));
    }
    std::optional<MappingError> unmap(Origin origin, std::uint16_t port,
                                      std::optional<Nonce> nonce = kNonce,
                                      const Host& client = kAlice) {
        PortRelease release = endOf(origin, client, port);
        if (origin == Origin::Pcp) release.nonce = nonce;
        return errorOf(ask(release));
    }
};

TEST_F(PortControl, ChoosesTheInternalPortOrTheNearest) {  // PCP-MAP-01 to -03
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kAlice)), (PortGrant{Port{5000}, kExternal, 3600s}));
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kBob)).externalPort, Port{5001});
    EXPECT_EQ(grant(suggesting(wishOf(Origin::NatPmp, kAlice, 7000), 1900)).externalPort,
              Port{1901})
        << "a bad suggestion is no error";
}

TEST_F(PortControl, TellsTheAddressByWhichAClientsPacketsLeave) {
    const Ipv4Address other = ipv4("80.100.101.1");
    openings.changeExternal({kExternal, kExternal,
                             [=](Ipv4Address client) -> std::optional<Ipv4Address> {
                                 if (IpAddress{client} == kBob.address) return other;
                                 return std::nullopt;
                             }},
                            t0);
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kAlice)).externalAddress, IpAddress{kExternal});
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kBob)).externalAddress, IpAddress{other});
}

TEST_F(PortControl, GivesThePortThatIsSuggested) {
    EXPECT_EQ(grant(suggesting(wishOf(Origin::Pcp, kAlice), 8000)).externalPort, Port{8000});
    EXPECT_THAT(firewall.texts(), ElementsAre("udp 8000 -> 192.168.1.10:5000"));
}

TEST_F(PortControl, GivesNoServicesPortToWhomLeavesTheChoiceToTheRouter) {  // NATPMP-Map-06
    PolicyConfig config;
    config.permissions = {allow("1-65535", AnyClient{}, "1-65535")};
    ASSERT_TRUE(reload(config));
    EXPECT_EQ(grant(wishOf(Origin::NatPmp, kAlice, 80)).externalPort, Port{1024});
    EXPECT_EQ(grant(suggesting(wishOf(Origin::NatPmp, kAlice, 81), 81)).externalPort, Port{81});
}

TEST_F(PortControl, PassesOverThePortThatIsNotPermitted) {  // PCP-MAP-19
    PolicyConfig config;
    config.permissions = {deny("5000-5009")};
    ASSERT_TRUE(reload(config));
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kAlice)).externalPort, Port{4999});
}

TEST_F(PortControl, GivesNatPmpWhatItAsksForAndPcpTwoMinutes) {
    for (const auto& [origin, asked, granted] : {std::tuple{Origin::NatPmp, 1s, 1s},
                                                 {Origin::Pcp, 1s, 120s},
                                                 {Origin::NatPmp, 99999s, 86400s},
                                                 {Origin::Pcp, 99999s, 86400s}}) {
        EXPECT_EQ(grant(wishOf(origin, kAlice, 6000, asked)).lifetime, granted);
        EXPECT_FALSE(unmap(origin, 6000));
    }
}

TEST_F(PortControl, RenewsUnderTheSameNonce) {  // PCP-MAP-12, -21, -22
    ASSERT_EQ(grant(wishOf(Origin::Pcp, kAlice)).externalPort, Port{5000});
    EXPECT_EQ(grant(suggesting(wishOf(Origin::Pcp, kAlice, 5000, 600s), 9000)),
              (PortGrant{Port{5000}, kExternal, 600s}));
    EXPECT_EQ(openings.lists().size(), 1U);
    EXPECT_EQ(openings.nextExpiry(), t0 + 600s);
}

TEST_F(PortControl, KeepsTheNonce) {  // PCP-MAP-06, -13, -23, -24
    (void)grant(withNonce(wishOf(Origin::Pcp, kAlice), Nonce{}));
    EXPECT_EQ(refusal(wishOf(Origin::Pcp, kAlice, 5000, 7200s)),
              (PortRefusal{MappingError::NotAuthorized, 3600s, Port{0}}));
    EXPECT_EQ(unmap(Origin::Pcp, 5000), MappingError::NotAuthorized);
    EXPECT_EQ(refusal(endOf(Origin::NatPmp, kAlice)),
              (PortRefusal{MappingError::NotAuthorized, 3600s, Port{5000}}));
    EXPECT_EQ(openings.nextExpiry(), t0 + 3600s);
    EXPECT_FALSE(unmap(Origin::Pcp, 5000, Nonce{}));
    EXPECT_THAT(firewall.texts(), IsEmpty());
}

TEST_F(PortControl, LeavesAllAsItWasWhenTheKernelRefuses) {
    (void)grant(wishOf(Origin::Pcp, kAlice));
    const auto before = openings.lists().all();
    firewall.broken = true;
    EXPECT_EQ(errorOf(ask(wishOf(Origin::Pcp, kAlice, 5000, 7200s))), MappingError::Backend);
    EXPECT_EQ(errorOf(ask(wishOf(Origin::NatPmp, kAlice, 6000))), MappingError::Backend);
    EXPECT_EQ(unmap(Origin::Pcp, 5000), MappingError::Backend);
    EXPECT_EQ(openings.lists().all(), before);
}

TEST_F(PortControl, GivesTheExactPortOrNone) {  // IWF-05
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(6000), 600s))));
    const PortRequest bobs = wishOf(Origin::Pcp, kBob);
    EXPECT_EQ(refusal(suggesting(bobs, 6000, true)), (PortRefusal{MappingError::Conflict, 600s}));
    EXPECT_EQ(refusal(suggesting(bobs, 80, true)), (PortRefusal{MappingError::Conflict}));
    routersOwn = udp(6005);
    EXPECT_EQ(refusal(suggesting(bobs, 6005, true)), (PortRefusal{MappingError::Conflict}));
    PortRequest elsewhere = suggesting(bobs, 6001, true);
    elsewhere.suggestedAddress = ipv4("80.100.100.2");
    EXPECT_EQ(refusal(elsewhere).error, MappingError::Conflict);
    elsewhere.suggestedAddress = ipv6("2001:db8::7");  // PCP-V6-09
    EXPECT_EQ(refusal(elsewhere).error, MappingError::Conflict);
    elsewhere.exact = false;
    EXPECT_EQ(grant(elsewhere).externalPort, Port{6001});
    EXPECT_EQ(refusal(suggesting(bobs, 6002, true)), (PortRefusal{MappingError::Conflict, 3600s}));
    EXPECT_EQ(grant(suggesting(bobs, 6001, true)).externalPort, Port{6001});
}

TEST_F(PortControl, KeepsTheCompanionOfNatPmp) {  // RFC 6886 section 3.3
    (void)grant(wishOf(Origin::NatPmp, kAlice));
    EXPECT_EQ(errorOf(ask(requestOf(kBob, tcp(5000)))), MappingError::Conflict);
    EXPECT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000)))));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(6000)))));
    EXPECT_TRUE(isGranted(ask(requestOf(kBob, tcp(6000))))) << "UPnP keeps none";
    PortRequest beside = wishOf(Origin::NatPmp, kBob, 5000);
    beside.protocol = Protocol::Tcp;
    EXPECT_EQ(grant(beside).externalPort, Port{5001});
}

TEST_F(PortControl, AddsFiltersUpToTheLimit) {
    (void)grant(wishOf(Origin::Pcp, kAlice));
    std::vector<PeerFilter> eight;
    for (int i = 0; i < 8; ++i)
        eight.push_back(filter(("80." + std::to_string(i) + ".0.0/16").c_str()));
    (void)grant(withFilters(wishOf(Origin::Pcp, kAlice), eight));
    EXPECT_EQ(firewall.rules.front().filters.size(), 8U);
    const std::vector ninth{filter("80.99.0.0/16")};
    EXPECT_EQ(refusal(withFilters(wishOf(Origin::Pcp, kAlice), ninth)),
              (PortRefusal{MappingError::TooManyFilters}));
    EXPECT_EQ(firewall.rules.front().filters.size(), 8U);
    (void)grant(withFilters(wishOf(Origin::Pcp, kAlice), ninth, true));
    EXPECT_THAT(firewall.texts(), ElementsAre("udp 5000 -> 192.168.1.10:5000 from 80.99.0.0/16"));
    (void)grant(withFilters(wishOf(Origin::Pcp, kAlice), {}, true));
    EXPECT_THAT(firewall.texts(), ElementsAre("udp 5000 -> 192.168.1.10:5000"));
}

TEST_F(PortControl, KeepsItsDescriptionUntilAnotherComes) {
    PortRequest request = wishOf(Origin::Pcp, kAlice);
    for (const auto& [sent, kept] :
         {std::pair{"game", "game"}, std::pair{"", "game"}, std::pair{"chat", "chat"}}) {
        request.description = sent;
        (void)grant(request);
        EXPECT_EQ(view(udp(5000))->description, kept);
    }
}

TEST_F(PortControl, DeletesAllOfOneProtocolAndNonce) {
    (void)grant(wishOf(Origin::NatPmp, kAlice, 5001));
    (void)grant(wishOf(Origin::Pcp, kAlice, 5002));
    (void)grant(withNonce(wishOf(Origin::Pcp, kAlice, 5003), kOther));
    (void)grant(wishOf(Origin::Pcp, kBob, 5004));
    PortRelease all = endOf(Origin::Pcp, kAlice, 0);
    all.protocol.reset();
    EXPECT_TRUE(isGranted(ask(all)));
    EXPECT_EQ(openings.lists().size(), 3U);
    EXPECT_FALSE(unmap(Origin::NatPmp, 0));
    EXPECT_EQ(openings.lists().all().at(0).claims.front().nonce, kOther);
    EXPECT_EQ(openings.lists().size(), 2U);
}

TEST_F(PortControl, DeletesAllOfOneProtocolOfTransport) {
    (void)grant(wishOf(Origin::NatPmp, kAlice, 5001));
    PortRequest overTcp = wishOf(Origin::NatPmp, kAlice, 5002);
    overTcp.protocol = Protocol::Tcp;
    (void)grant(overTcp);
    EXPECT_FALSE(unmap(Origin::NatPmp, 0));
    EXPECT_THAT(firewall.texts(), ElementsAre("tcp 5002 -> 192.168.1.10:5002"));
}

TEST_F(PortControl, DeletesNoFlowWithTheMappings) {
    (void)grant(wishOf(Origin::Pcp, kAlice));
    (void)grant(peerOf(kAlice));
    EXPECT_FALSE(unmap(Origin::Pcp, 0));
    EXPECT_EQ(openings.lists().count(OpeningKind::Mapping), 0U);
    EXPECT_EQ(openings.lists().count(OpeningKind::Peer), 1U);
}

TEST_F(PortControl, DeletesWhatIsNotThere) {
    EXPECT_FALSE(unmap(Origin::Pcp, 5000));
    EXPECT_FALSE(unmap(Origin::NatPmp, 0));
}

TEST_F(PortControl, SaysThatTheAdministratorsStay) {  // RFC 6886 section 3.4, PCP-MAP-14
    const std::array fixed{mappingOf(kAlice, udp(5000), std::nullopt, Origin::Static)};
    ASSERT_TRUE(openings.restore(fixed, t0));
    (void)grant(wishOf(Origin::NatPmp, kAlice, 5001));
    EXPECT_EQ(unmap(Origin::NatPmp, 0), MappingError::NotAuthorized);
    EXPECT_EQ(openings.lists().size(), 1U) << "the others are gone";
    EXPECT_EQ(refusal(endOf(Origin::NatPmp, kAlice)),
              (PortRefusal{MappingError::NotAuthorized, kForever, Port{5000}}));
}

TEST_F(PortControl, TellsOfTheAdministratorsMapping) {  // PCP-MAP-14, IWF-01
    Opening fixed = mappingOf(kAlice, udp(80), std::nullopt, Origin::Static);
    fixed.internal.port = Port{5000};
    ASSERT_TRUE(openings.restore(std::array{fixed}, t0));
    const auto before = openings.lists().all();
    for (const Origin origin : {Origin::Pcp, Origin::NatPmp})
        EXPECT_EQ(grant(wishOf(origin, kAlice)), (PortGrant{Port{80}, kExternal, kForever}))
            << "no line needs to allow a client what the administrator has mapped";
    EXPECT_EQ(openings.lists().all(), before) << "nobody has a claim on it";
}

TEST_F(PortControl, MapsNoDiscardPort) {
    EXPECT_EQ(errorOf(ask(wishOf(Origin::Pcp, kAlice, 9))), MappingError::NotAuthorized);
    EXPECT_EQ(errorOf(ask(wishOf(Origin::NatPmp, kAlice, 9))), MappingError::NotAuthorized);
    EXPECT_EQ(openings.lists().size(), 0U);
}

TEST_F(PortControl, NeedsAnExternalAddress) {  // PCP-MAP-16
    openings.changeExternal({}, t0);
    EXPECT_EQ(refusal(wishOf(Origin::Pcp, kAlice)), (PortRefusal{MappingError::NoExternalAddress}));
    EXPECT_EQ(errorOf(ask(wishOf(Origin::NatPmp, kAlice))), MappingError::NoExternalAddress);
    EXPECT_TRUE(isGranted(ask(wishOf(Origin::Pcp, kAlice6)))) << "IPv6 needs none";
}

TEST_F(PortControl, TellsTheAddressThatClientsAreTold) {
    openings.changeExternal({kExternal, ipv4("100.64.0.1")}, t0);
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kAlice)).externalAddress, IpAddress{ipv4("100.64.0.1")});
}

TEST_F(PortControl, IsForItsOwnHosts) {
    PortRequest outside = wishOf(Origin::Pcp, {ipv4("10.0.0.5")});
    EXPECT_EQ(errorOf(ask(outside)), MappingError::NotAuthorized);
    EXPECT_EQ(errorOf(ask(endOf(Origin::Pcp, {ipv4("10.0.0.5")}))), MappingError::NotAuthorized);
    PortRequest third = wishOf(Origin::Pcp, kAlice);
    third.client = kBob.address;
    EXPECT_EQ(errorOf(ask(third)), MappingError::NotAuthorized);
    (void)grant(wishOf(Origin::Pcp, kBob));
    PortRelease end = endOf(Origin::Pcp, kAlice);
    end.client = kBob.address;
    EXPECT_EQ(errorOf(ask(end)), MappingError::NotAuthorized);
    EXPECT_EQ(errorOf(ask(wishOf(Origin::Pcp, {kLan.addresses.front().address}))),
              MappingError::NotAuthorized);
}

TEST_F(PortControl, OpensAPinholeForAClientOfIpv6) {  // PCP-V6-01, -02, -08
    EXPECT_EQ(grant(suggesting(wishOf(Origin::Pcp, kAlice6), 8000)),
              (PortGrant{Port{5000}, kAlice6.address, 3600s}));
    EXPECT_THAT(firewall.texts(), ElementsAre("udp [2001:db8::10]:5000"));
    (void)grant(withFilters(wishOf(Origin::Pcp, kAlice6), {filter("2001:db8:ffff::/48")}));
    EXPECT_THAT(firewall.texts(), ElementsAre("udp [2001:db8::10]:5000 from 2001:db8:ffff::/48"));
}

TEST_F(PortControl, GivesNoOtherEndOverIpv6) {  // PCP-V6-02, -09
    PortRequest request = suggesting(wishOf(Origin::Pcp, kAlice6), 8000, true);
    EXPECT_EQ(errorOf(ask(request)), MappingError::Conflict);
    request.suggestedPort = Port{5000};
    request.suggestedAddress = kExternal;
    EXPECT_EQ(errorOf(ask(request)), MappingError::Conflict);
    request.suggestedAddress = kAlice6.address;
    EXPECT_TRUE(isGranted(ask(request)));
    request.suggestedPort = Port{8000};
    EXPECT_EQ(refusal(request), (PortRefusal{MappingError::Conflict, 3600s}));
}

TEST_F(PortControl, KeepsTheNonceOfAPinhole) {  // PCP-V6-06, -07
    (void)grant(wishOf(Origin::Pcp, kAlice6));
    EXPECT_EQ(refusal(withNonce(wishOf(Origin::Pcp, kAlice6), kOther)),
              (PortRefusal{MappingError::NotAuthorized, 3600s}));
    EXPECT_EQ(unmap(Origin::Pcp, 5000, kOther, kAlice6), MappingError::NotAuthorized);
    EXPECT_FALSE(unmap(Origin::Pcp, 5000, kNonce, kAlice6));
    EXPECT_THAT(firewall.texts(), IsEmpty());
}

TEST_F(PortControl, OpensProtocolsWithoutPortsOverIpv6) {
    PortRequest esp = wishOf(Origin::Pcp, kAlice6, 0);
    esp.protocol = Protocol::Esp;
    EXPECT_EQ(grant(esp), (PortGrant{Port{0}, kAlice6.address, 3600s}));
    PortRelease end = endOf(Origin::Pcp, kAlice6, 0);
    end.protocol = Protocol::Esp;
    end.nonce = kOther;
    EXPECT_EQ(errorOf(ask(end)), MappingError::NotAuthorized);
    end.nonce = kNonce;
    EXPECT_TRUE(isGranted(ask(end)));
    EXPECT_THAT(firewall.texts(), IsEmpty());
}

}  // namespace
}  // namespace igd
