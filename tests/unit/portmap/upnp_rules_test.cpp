// SPDX-License-Identifier: GPL-2.0-or-later
// UPnP's port mappings.
#include "openings_fixture.h"

#include <array>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class UpnpMappings : public OpeningsTest {
protected:
    ChangeResult any(const Host& client, MappingKey key) {
        return ask(AnyMappingRequest{requestOf(client, key)});
    }
    static std::optional<Port> portOf(const ChangeResult& result) {
        const auto* const port = std::get_if<Port>(&result);
        return port == nullptr ? std::nullopt : std::optional{*port};
    }
    Seconds leaseOf(MappingKey key, TimePoint now = t0) const {
        return view(key, now).value().remainingLease;
    }
};

TEST_F(UpnpMappings, AreInTheKernelBeforeTheAnswer) {  // IGD-AddPortMapping-01
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3074), 60s))));
    EXPECT_THAT(firewall.texts(), ElementsAre("udp 3074 -> 192.168.1.10:3074"));
    EXPECT_GE(firewall.rules.front().timeout, 60s);
    EXPECT_THAT(record.stored, ElementsAre("udp 3074 -> 192.168.1.10:3074"));
}

TEST_F(UpnpMappings, TakeARepeatByTheSameClientAsARenewal) {  // IGD-Map-01, IGD-AddPortMapping-04
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3074), 60s))));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3074), 100s), t0 + 50s)));
    EXPECT_EQ(openings.lists().size(), 1U);
    EXPECT_EQ(leaseOf(udp(3074), t0 + 50s), 100s);
    MappingRequest moved = requestOf(kAlice, udp(3074));
    moved.internal.port = Port{4000};
    moved.description = "other";
    ASSERT_TRUE(isGranted(ask(moved)));
    EXPECT_EQ(view(udp(3074))->internal, moved.internal);
    EXPECT_EQ(view(udp(3074))->description, "other");
}

TEST_F(UpnpMappings, KeepTheirIndexWhenTheyAreOverwritten) {  // IGD-Map-06
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(1111)))));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(2222)))));
    MappingRequest moved = requestOf(kAlice, udp(1111));
    moved.internal.port = Port{4000};
    ASSERT_TRUE(isGranted(ask(moved)));
    EXPECT_EQ(openings.lists().at(0, kAlice, t0)->key, udp(1111));
}

TEST_F(UpnpMappings, LetALeaseBecomeShorter) {  // IGD-Lease-08
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3074), 600s))));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3074), 10s))));
    EXPECT_EQ(leaseOf(udp(3074)), 10s);
}

TEST_F(UpnpMappings, RefuseAPortThatAnotherClientHolds) {  // IGD-Map-02, IGD-AddPortMapping-05
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3074)))));
    const auto before = openings.lists().all();
    EXPECT_EQ(errorOf(ask(requestOf(kBob, udp(3074)))), MappingError::Conflict);
    EXPECT_EQ(openings.lists().all(), before);
    EXPECT_THAT(firewall.texts(), ElementsAre("udp 3074 -> 192.168.1.10:3074"));
}

TEST_F(UpnpMappings, KeepProtocolsApart) {  // IGD-Map-03
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000)))));
    EXPECT_TRUE(isGranted(ask(requestOf(kBob, udp(5000)))));
}

TEST_F(UpnpMappings, RefuseASecondRemoteHostForOnePort) {  // IGD-Map-04, IGD-Map-05
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000)))));
    MappingRequest other = requestOf(kAlice, tcp(5000));
    other.remoteHost = ipv4("80.100.100.9");
    EXPECT_EQ(errorOf(ask(other)), MappingError::Conflict);
    MappingRequest bobs = requestOf(kBob, tcp(5000));
    bobs.remoteHost = ipv4("80.100.100.9");
    EXPECT_EQ(errorOf(ask(bobs)), MappingError::Conflict);
    EXPECT_FALSE(view(tcp(5000))->remoteHost);
}

TEST_F(UpnpMappings, LetInOneRemoteHostWhereOneIsNamed) {  // IGD-Map-11
    MappingRequest request = requestOf(kAlice, tcp(5000));
    request.remoteHost = ipv4("80.100.100.9");
    ASSERT_TRUE(isGranted(ask(request)));
    EXPECT_THAT(firewall.texts(),
                ElementsAre("tcp 5000 -> 192.168.1.10:5000 from 80.100.100.9/32"));
}

TEST_F(UpnpMappings, AreListedButForwardNothingWhileDisabled) {  // IGD-Map-08, -09
    MappingRequest request = requestOf(kAlice, udp(3074));
    request.enabled = false;
    ASSERT_TRUE(isGranted(ask(request)));
    EXPECT_FALSE(view(udp(3074))->enabled);
    EXPECT_THAT(firewall.texts(), IsEmpty());
    request.enabled = true;
    ASSERT_TRUE(isGranted(ask(request)));
    EXPECT_THAT(firewall.texts(), ElementsAre("udp 3074 -> 192.168.1.10:3074"));
}

TEST_F(UpnpMappings, GetTheConfiguredLeaseWhenTheyAskForNone) {  // IGD-Lease-02, IGD-AddAny-05
    MappingRequest endless = requestOf(kAlice, udp(1111), 0s);
    endless.endless = true;  // as version 1 means it
    ASSERT_TRUE(isGranted(ask(endless)));
    EXPECT_EQ(leaseOf(udp(1111)), 0s);
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3333), 0s))));
    EXPECT_EQ(leaseOf(udp(3333)), 604800s);
    EXPECT_TRUE(view(udp(3333))->askedWithoutEnd);
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(3333), 604800s))));
    EXPECT_FALSE(view(udp(3333))->askedWithoutEnd);
    defaultLease = 86400s;
    for (const bool version1 : {false, true}) {
        endless.endless = version1;
        ASSERT_TRUE(isGranted(ask(endless)));
        EXPECT_EQ(leaseOf(udp(1111)), 86400s);
    }
}

TEST_F(UpnpMappings, KeepLeasesWithinTheirBounds) {  // IGD-Lease-04, IGD-Quirk-14
    PolicyConfig config;
    config.minLease = 120s;
    config.maxLease = 3600s;
    ASSERT_TRUE(reload(config));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000), 1s))));
    EXPECT_EQ(leaseOf(tcp(5000)), 120s);
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000), 4294967295s))));
    EXPECT_EQ(leaseOf(tcp(5000)), 3600s);
}

TEST_F(UpnpMappings, AreDeletedByTheOwnerAndTheExactKeyAlone) {  // IGD-DeletePortMapping-01 to -05
    MappingRequest request = requestOf(kAlice, tcp(5000));
    request.remoteHost = ipv4("80.100.100.9");
    ASSERT_TRUE(isGranted(ask(request)));
    ReleaseRequest exact = releaseOf(kAlice, tcp(5000));
    EXPECT_EQ(errorOf(ask(exact)), MappingError::NotFound);
    EXPECT_EQ(errorOf(ask(releaseOf(kAlice, udp(5000)))), MappingError::NotFound);
    exact.remoteHost = request.remoteHost;
    exact.requester = std::get<Ipv4Address>(kBob.address);
    EXPECT_EQ(errorOf(ask(exact)), MappingError::NotAuthorized);  // IGD-Access-09
    EXPECT_EQ(openings.lists().size(), 1U);
    exact.requester = std::get<Ipv4Address>(kAlice.address);
    EXPECT_TRUE(isGranted(ask(exact)));
    EXPECT_THAT(firewall.texts(), IsEmpty());
    EXPECT_THAT(record.ended, ElementsAre("tcp 5000 from 80.100.100.9/32 -> 192.168.1.10:5000"));
}

TEST_F(UpnpMappings, AreDeletedByOthersWhereThatIsAllowed) {
    PolicyConfig deleteAll;
    deleteAll.deleteAll = true;
    PolicyConfig thirdParty;
    thirdParty.thirdParties = {filter("192.168.1.20/32").remote};
    for (const PolicyConfig& config : {deleteAll, thirdParty}) {
        ASSERT_TRUE(reload(config));
        ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000)))));
        EXPECT_TRUE(isGranted(ask(releaseOf(kBob, tcp(5000)))));
    }
}

TEST_F(UpnpMappings, AreNotDeletedFromAnotherNetworkWhateverIsAllowed) {
    PolicyConfig config;
    config.deleteAll = true;
    ASSERT_TRUE(reload(config));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(5000)))));
    lan.addresses = {*parseIpv4Prefix("10.0.0.1/24")};
    ReleaseRequest foreign = releaseOf(kAlice, tcp(5000));
    foreign.requester = ipv4("10.0.0.7");
    EXPECT_EQ(errorOf(ask(foreign)), MappingError::NotAuthorized);
    foreign.requester = std::get<Ipv4Address>(kAlice.address);
    EXPECT_EQ(errorOf(ask(foreign)), MappingError::NotAuthorized) << "that is not her network";
}

TEST_F(UpnpMappings, GetTheNearestPortThatIsFree) {  // IGD-AddAny-01 to -03, -09 to -11
    EXPECT_EQ(portOf(any(kAlice, tcp(5000))), Port{5000});
    EXPECT_EQ(portOf(any(kAlice, tcp(5000))), Port{5000}) << "it is hers already";
    EXPECT_EQ(portOf(any(kBob, tcp(5000))), Port{5001});
    routersOwn = tcp(4999);
    MappingRequest second = requestOf(kBob, tcp(5000));
    second.internal.port = Port{6000};
    second.remoteHost = ipv4("80.1.2.3");  // so it is not his mapping of 5001
    EXPECT_EQ(portOf(ask(AnyMappingRequest{second})), Port{5002});
    EXPECT_EQ(view(tcp(5002))->internal, second.internal);
    MappingRequest whichever = requestOf(kAlice, udp(7000));
    whichever.key.externalPort = Port{0};
    EXPECT_EQ(portOf(ask(AnyMappingRequest{whichever})), Port{7000});  // IGD-Wild-06
}

TEST_F(UpnpMappings, GetAPermittedPortWhereTheWishedOneIsNotPermitted) {
    MappingRequest web = requestOf(kAlice, tcp(80));
    web.internal.port = Port{8080};
    EXPECT_EQ(portOf(ask(AnyMappingRequest{web})), Port{1024});
    EXPECT_EQ(errorOf(any(kAlice, tcp(80))), MappingError::NotAuthorized)
        << "no external port is permitted to that internal one";
    PolicyConfig config;
    config.permissions = {deny("5000-5009")};
    ASSERT_TRUE(reload(config));
    EXPECT_EQ(portOf(any(kAlice, tcp(5008))), Port{5010});
}

TEST_F(UpnpMappings, AskForOthersInVainWhateverPortTheyName) {
    MappingRequest foreign = requestOf(kBob, tcp(5000));
    foreign.requester = std::get<Ipv4Address>(kAlice.address);
    EXPECT_EQ(errorOf(ask(AnyMappingRequest{foreign})), MappingError::NotAuthorized);
}

TEST_F(UpnpMappings, HearThatNoPortIsLeft) {  // IGD-AddAny-04
    PolicyConfig config;
    config.permissions = {allow("5000-5001", AnyClient{}, "1-65535"), deny("0-65535")};
    ASSERT_TRUE(reload(config));
    EXPECT_EQ(portOf(any(kAlice, tcp(5000))), Port{5000});
    EXPECT_EQ(portOf(any(kBob, tcp(5000))), Port{5001});
    EXPECT_EQ(errorOf(any(kAlice, tcp(5001))), MappingError::TableFull);
}

TEST_F(UpnpMappings, LeaveThePortBesideAnotherHostsAlone) {
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, udp(5001)))));
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, tcp(5000)))));
    EXPECT_EQ(portOf(any(kAlice, tcp(5000))), Port{4999});
}

TEST_F(UpnpMappings, OfARangeEndAtOnce) {  // IGD-DeleteRange-01, -03 to -06, -08, -09
    for (const std::uint16_t port : Ports{5000, 5001, 5005})
        ASSERT_TRUE(isGranted(ask(requestOf(kAlice, tcp(port)))));
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, tcp(5002)))));
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5001)))));
    const auto id = openings.updateId();
    const int changes = firewall.changes;
    ASSERT_TRUE(isGranted(ask(rangeOf(kAlice, "5000-5004", true))));  // IGD-Access-10
    EXPECT_THAT(firewall.texts(),
                ElementsAre("tcp 5002 -> 192.168.1.20:5002", "tcp 5005 -> 192.168.1.10:5005",
                            "udp 5001 -> 192.168.1.10:5001"));
    EXPECT_EQ(openings.updateId(), id + 1);  // IGD-Index-08
    EXPECT_EQ(firewall.changes, changes + 1);
    EXPECT_EQ(errorOf(ask(rangeOf(kAlice, "5002-5002"))), MappingError::NotAuthorized);
    EXPECT_EQ(errorOf(ask(rangeOf(kAlice, "5002-5002", true))), MappingError::NotAuthorized);
    EXPECT_EQ(errorOf(ask(rangeOf(kAlice, "6000-7000"))), MappingError::NotFound);
    EXPECT_EQ(errorOf(ask(rangeOf(kAlice, "80-7000"))), MappingError::NotAuthorized);
    EXPECT_EQ(openings.updateId(), id + 1);  // IGD-Access-14
    EXPECT_TRUE(isGranted(ask(rangeOf(kAlice, "5005-5005"))));
}

TEST_F(UpnpMappings, OfOthersInARangeEndOnlyWhereThatIsAllowedAndAskedFor) {
    PolicyConfig config;
    config.deleteAll = true;
    ASSERT_TRUE(reload(config));
    ASSERT_TRUE(isGranted(ask(requestOf(kBob, tcp(5002)))));
    EXPECT_EQ(errorOf(ask(rangeOf(kAlice, "5000-5005"))), MappingError::NotAuthorized);
    EXPECT_TRUE(isGranted(ask(rangeOf(kAlice, "5000-5005", true))));
}

TEST_F(UpnpMappings, OfTheAdministratorStay) {  // IGD-DeletePortMapping-09
    const std::array fixed{mappingOf(kAlice, tcp(5000), std::nullopt, Origin::Static)};
    ASSERT_TRUE(openings.restore(fixed, t0));
    EXPECT_EQ(errorOf(ask(releaseOf(kAlice, tcp(5000)))), MappingError::NotAuthorized);
    EXPECT_EQ(errorOf(ask(requestOf(kAlice, tcp(5000)))), MappingError::Conflict);
    EXPECT_EQ(errorOf(ask(rangeOf(kAlice, "5000-5000", true))), MappingError::NotAuthorized);
    ASSERT_TRUE(openings.clear(t0));
    EXPECT_EQ(openings.lists().at(0, kAlice, t0)->remainingLease, 0s);
}

}  // namespace
}  // namespace igd
