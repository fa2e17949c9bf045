// SPDX-License-Identifier: GPL-2.0-or-later
// PCP's PEER.
#include "openings_fixture.h"

namespace igd {
namespace {

using testing::ElementsAre;

const FlowKey kFlow{Protocol::Udp, {kAlice.address, Port{6000}}, {ipv4("80.100.100.9"), Port{80}}};
const FlowKey kFlow6{
    Protocol::Udp, {kAlice6.address, Port{6000}}, {ipv6("2001:db8:ffff::9"), Port{80}}};

PeerRequest suggesting(PeerRequest request, std::uint16_t port) {
    request.suggestedPort = Port{port};
    return request;
}

class Peer : public OpeningsTest {
protected:
    PortRefusal refusal(const PeerRequest& request, TimePoint now = t0) {
        return std::get<PortRefusal>(ask(request, now));
    }
    OutgoingFlow& flow() { return firewall.flows.at(kFlow); }
};

TEST_F(Peer, MakesAFlowThatIsNotThere) {
    EXPECT_EQ(grant(peerOf(kAlice)), (PortGrant{Port{6000}, kExternal, 1000s}));
    EXPECT_EQ(flow().external, (IpEndpoint{kExternal, Port{6000}}));
    EXPECT_GE(flow().timeout, 1000s);
    EXPECT_THAT(record.stored, ElementsAre("flow udp 192.168.1.10:6000 to 80.100.100.9:80"));
}

TEST_F(Peer, KeepsOneOverIpv6AsItIs) {
    EXPECT_EQ(grant(peerOf(kAlice6)), (PortGrant{Port{6000}, kAlice6.address, 1000s}));
    EXPECT_EQ(firewall.flows.at(kFlow6).external, (IpEndpoint{kAlice6.address, Port{6000}}));
    EXPECT_EQ(refusal(suggesting(peerOf(kAlice6), 6001)).error, MappingError::Conflict);
    openings.changeExternal({}, t0);
    EXPECT_TRUE(isGranted(ask(peerOf(kAlice6)))) << "it needs no address of IPv4";
}

TEST_F(Peer, TakesAnotherPortOnlyWhenNoneIsSuggested) {
    firewall.taken = {Port{6000}, Port{6001}};
    EXPECT_EQ(refusal(suggesting(peerOf(kAlice), 6001)).error, MappingError::Conflict);
    EXPECT_EQ(grant(peerOf(kAlice)).externalPort, Port{6002});
    EXPECT_EQ(openings.lists().size(), 1U);
}

TEST_F(Peer, TriesNoMoreThanSixteenPorts) {
    for (std::uint16_t port = 6000; port < 6016; ++port) firewall.taken.insert(Port{port});
    EXPECT_EQ(refusal(peerOf(kAlice)).error, MappingError::Conflict);
    firewall.taken.erase(Port{6015});
    EXPECT_EQ(grant(peerOf(kAlice)).externalPort, Port{6015});
}

TEST_F(Peer, KeepsOneThatIsThere) {
    firewall.flows[kFlow] = {{kExternal, Port{44444}}, 30s};
    EXPECT_EQ(refusal(suggesting(peerOf(kAlice), 6000)).error, MappingError::Conflict);
    EXPECT_EQ(grant(peerOf(kAlice)).externalPort, Port{44444});
    EXPECT_GE(flow().timeout, 1000s);
    EXPECT_TRUE(isGranted(ask(suggesting(peerOf(kAlice), 44444))));
}

TEST_F(Peer, NeverBringsItsEndForward) {  // RFC 6887 section 12.3
    (void)grant(peerOf(kAlice));
    EXPECT_EQ(grant(peerOf(kAlice, 6000, 0s), t0 + 100s).lifetime, 900s);
    EXPECT_EQ(grant(peerOf(kAlice, 6000, 2000s), t0 + 100s).lifetime, 2000s);
}

TEST_F(Peer, KeepsTheNonce) {
    (void)grant(peerOf(kAlice));
    PeerRequest other = peerOf(kAlice);
    other.nonce = kOther;
    EXPECT_EQ(refusal(other), (PortRefusal{MappingError::NotAuthorized, 1000s}));
}

TEST_F(Peer, IsKeptAliveUntilItEnds) {
    (void)grant(peerOf(kAlice));
    flow().timeout = 30s;  // a packet has set the kernel's own
    openings.refreshFlows(t0 + 100s);
    EXPECT_GE(flow().timeout, 900s);
    firewall.flows.clear();
    openings.refreshFlows(t0 + 100s);
    EXPECT_EQ(firewall.flows.size(), 1U);
    ASSERT_TRUE(openings.expire(t0 + 1000s));
    EXPECT_EQ(openings.lists().size(), 0U);
    EXPECT_EQ(firewall.flows.size(), 1U) << "its client may still speak: the kernel ends it";
}

TEST_F(Peer, IsKeptAliveWhateverBecomesOfAnother) {
    (void)grant(peerOf(kAlice));
    (void)grant(peerOf(kBob, 7000));
    firewall.flows.clear();
    firewall.taken = {Port{7000}};  // another flow has got that port meanwhile
    openings.refreshFlows(t0 + 100s);
    EXPECT_TRUE(firewall.flows.contains(kFlow));
}

TEST_F(Peer, UsesTheMappingsPort) {
    PortRequest mapping = wishOf(Origin::Pcp, kAlice, 6000);
    mapping.suggestedPort = Port{40001};
    (void)grant(mapping);
    EXPECT_EQ(grant(peerOf(kAlice)).externalPort, Port{40001});
    EXPECT_EQ(refusal(suggesting(peerOf(kAlice), 40002)).error, MappingError::Conflict);
}

TEST_F(Peer, KeepsItsPortWhenTheKernelHasForgottenTheFlow) {
    firewall.taken = {Port{6000}};
    ASSERT_EQ(grant(peerOf(kAlice)).externalPort, Port{6001});
    firewall.flows.clear();
    firewall.taken.clear();
    EXPECT_EQ(refusal(suggesting(peerOf(kAlice), 6000)).error, MappingError::Conflict);
    EXPECT_EQ(grant(peerOf(kAlice)).externalPort, Port{6001});
}

TEST_F(Peer, TakesNoPortOfAnothersMappingWhenItIsRenewed) {
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, udp(7000)))));
    (void)grant(peerOf(kAlice));
    flow().external.port = Port{7000};  // the kernel has made it anew
    EXPECT_EQ(refusal(peerOf(kAlice)), (PortRefusal{MappingError::Conflict, 1000s}));
    EXPECT_EQ(openings.lists().all().at(1).externalPort, Port{6000});
}

TEST_F(Peer, TakesNoPortOfAnothersMappingOrOfTheRouter) {
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, udp(6000)))));
    routersOwn = udp(6001);
    firewall.forwarded = udp(6002);
    EXPECT_EQ(refusal(suggesting(peerOf(kAlice), 6000)).error, MappingError::Conflict);
    EXPECT_EQ(refusal(suggesting(peerOf(kAlice), 6001)).error, MappingError::PortInUse);
    EXPECT_EQ(refusal(suggesting(peerOf(kAlice), 6002)).error, MappingError::PortInUse);
    EXPECT_EQ(grant(peerOf(kAlice)).externalPort, Port{6003});
}

TEST_F(Peer, LeadsToAHostOutside) {
    for (const char* const inside : {"192.168.1.77", "192.168.1.1", "80.100.100.1", "127.0.0.1",
                                     "224.0.0.1", "255.255.255.255", "0.0.0.0"}) {
        PeerRequest request = peerOf(kAlice);
        request.remote = ipv4(inside);
        EXPECT_EQ(refusal(request).error, MappingError::NotAuthorized) << inside;
    }
    for (const char* const inside :
         {"2001:db8::20", "2001:db8::1", "::1", "::", "ff02::1", "fe80::1"}) {
        PeerRequest request = peerOf(kAlice6);
        request.remote = ipv6(inside);
        EXPECT_EQ(refusal(request).error, MappingError::NotAuthorized) << inside;
    }
    PeerRequest mixed = peerOf(kAlice);
    mixed.remote = ipv6("2001:db8:ffff::9");
    EXPECT_EQ(refusal(mixed).error, MappingError::NotAuthorized);
}

TEST_F(Peer, LeadsNotToTheAddressThatClientsAreTold) {
    openings.changeExternal({kExternal, ipv4("100.64.0.1")}, t0);
    PeerRequest request = peerOf(kAlice);
    request.remote = ipv4("100.64.0.1");
    EXPECT_EQ(refusal(request).error, MappingError::NotAuthorized);
    EXPECT_EQ(grant(peerOf(kAlice)).externalAddress, IpAddress{ipv4("100.64.0.1")});
    PeerRequest again = peerOf(kAlice);
    again.suggestedAddress = ipv4("100.64.0.1");
    EXPECT_TRUE(isGranted(ask(again)));
    again.suggestedAddress = ipv4("100.64.0.2");
    EXPECT_EQ(refusal(again).error, MappingError::Conflict);
}

TEST_F(Peer, NeedsAnExternalAddress) {
    openings.changeExternal({}, t0);
    EXPECT_EQ(refusal(peerOf(kAlice)).error, MappingError::NoExternalAddress);
}

TEST_F(Peer, EndsWithTheExternalAddressThatItBeganFrom) {
    (void)grant(peerOf(kAlice));
    (void)grant(peerOf(kAlice6));
    openings.changeExternal({kExternal, ipv4("100.64.0.1")}, t0);
    EXPECT_EQ(openings.lists().size(), 2U) << "what clients are told is another matter";
    openings.changeExternal({ipv4("80.100.100.2"), std::nullopt}, t0);
    EXPECT_EQ(openings.lists().size(), 1U);
    EXPECT_FALSE(firewall.flows.contains(kFlow));
    EXPECT_TRUE(firewall.flows.contains(kFlow6));
}

TEST_F(Peer, LeavesNothingBehindWhenTheKernelRefuses) {
    firewall.broken = true;
    EXPECT_EQ(refusal(peerOf(kAlice)).error, MappingError::Backend);
    EXPECT_EQ(openings.lists().size(), 0U);
    firewall.broken = false;
    EXPECT_TRUE(isGranted(ask(peerOf(kAlice))));
}

}  // namespace
}  // namespace igd
