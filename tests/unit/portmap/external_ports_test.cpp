// SPDX-License-Identifier: GPL-2.0-or-later
// external_ports: the ports that there are, for every protocol and for the administrator.
#include "openings_fixture.h"

namespace igd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

PolicyConfig bounded() {
    PolicyConfig config;
    config.externalPorts = {ports("4000-4015"), ports("5000-5015")};
    return config;
}

Asked asked(std::uint16_t external, std::uint16_t count = 1) {
    return {.kind = OpeningKind::Mapping,
            .origin = Origin::Igd,
            .protocol = Protocol::Udp,
            .externalPort = Port{external},
            .internalPort = Port{3074},
            .portCount = count,
            .requester = kAlice,
            .client = kAlice,
            .lan = kLan};
}

class ExternalPorts : public OpeningsTest {
protected:
    ExternalPorts() { (void)reload(bounded()); }
};

TEST_F(ExternalPorts, BoundTheLines) {
    PolicyConfig config = bounded();
    config.permissions = {{.allow = false,
                           .externalPorts = ports("4000"),
                           .client = AnyClient{},
                           .internalPorts = ports("0-65535"),
                           .protocol = {},
                           .origin = "f:1"},
                          {.allow = true,
                           .externalPorts = ports("80"),
                           .client = AnyClient{},
                           .internalPorts = ports("0-65535"),
                           .protocol = {},
                           .origin = "f:2"}};
    const Policy policy{config};
    EXPECT_THAT(policy.permittedPorts(asked(3074)),
                ElementsAre(ports("4001-4015"), ports("5000-5015")));
    EXPECT_FALSE(policy.refusesPorts(asked(4015)));
    EXPECT_THAT(policy.refusesPorts(asked(4016))->reason,
                HasSubstr("external port 4016 is not one of external_ports"));
    EXPECT_TRUE(policy.refusesPorts(asked(80)));
    EXPECT_FALSE(policy.refusesPorts(asked(4010, 6)));
    EXPECT_TRUE(policy.refusesPorts(asked(4010, 7))) << "the last one is outside";
}

TEST_F(ExternalPorts, BoundTheAdministratorToo) {
    PolicyConfig config = bounded();
    config.permissions = {{.allow = false,
                           .externalPorts = ports("0-65535"),
                           .client = AnyClient{},
                           .internalPorts = ports("0-65535"),
                           .protocol = {},
                           .origin = "f:1"}};
    Asked byHand = asked(4000);
    byHand.origin = Origin::Admin;
    EXPECT_FALSE(Policy{config}.refusesPorts(byHand)) << "he needs no line";
    byHand.externalPort = Port{4016};
    EXPECT_TRUE(Policy{config}.refusesPorts(byHand));
}

TEST_F(ExternalPorts, AreWhatUpnpNatPmpAndPcpGet) {
    EXPECT_EQ(errorOf(ask(requestOf(kAlice, udp(6000)))), MappingError::NotAuthorized);
    EXPECT_TRUE(isGranted(ask(requestOf(kAlice, udp(4000)))));
    EXPECT_EQ(grant(wishOf(Origin::NatPmp, kAlice, 6000)).externalPort, Port{5015});
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kAlice, 1024)).externalPort, Port{4001});
    EXPECT_TRUE(isGranted(ask(pinholeOf(kAlice6, 6000)))) << "nothing is translated";
}

TEST_F(ExternalPorts, AreThoseOfAFlowThatIsMade) {
    EXPECT_EQ(grant(peerOf(kAlice)).externalPort, Port{4000}) << "round the end";
    PeerRequest outside = peerOf(kBob);
    outside.suggestedPort = Port{6000};
    EXPECT_EQ(errorOf(ask(outside)), MappingError::NotAuthorized);
}

TEST_F(ExternalPorts, AreTakenFromTheirBeginningAfterTheEnd) {
    firewall.taken = {Port{4000}, Port{4001}};
    EXPECT_EQ(grant(peerOf(kAlice)).externalPort, Port{4002});
}

TEST_F(ExternalPorts, EndWhatIsOutsideAtAReload) {
    EXPECT_TRUE(isGranted(ask(requestOf(kAlice, udp(4000)))));
    EXPECT_TRUE(isGranted(ask(requestOf(kAlice, udp(5000)))));
    PolicyConfig config;
    config.externalPorts = {ports("4000-4015")};
    EXPECT_EQ(reload(config)->mappings, 1U);
    EXPECT_EQ(openings.lists().size(), 1U);
}

}  // namespace
}  // namespace igd
