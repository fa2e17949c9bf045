// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/policy.h"

#include "samples.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Policy policyWith(std::vector<PermissionRule> rules) {
    PolicyConfig config;
    config.permissions = std::move(rules);
    return Policy{config};
}

std::optional<MappingError> errorOf(const std::optional<Refusal>& refusal) {
    return refusal ? std::optional{refusal->error} : std::nullopt;
}

/// One host asks this for another on kLan.
struct Question {
    Host requester = kAlice;
    Host client = kAlice;
    OpeningKind kind = OpeningKind::Mapping;
    Protocol protocol = Protocol::Udp;
    std::uint16_t external = 3074;
    std::uint16_t internal = 3074;
    Lan lan = kLan;
};
Asked asked(const Question& question) {
    return {.kind = question.kind,
            .origin = Origin::Igd,
            .protocol = question.protocol,
            .externalPort = Port{question.external},
            .internalPort = Port{question.internal},
            .requester = question.requester,
            .client = question.client,
            .lan = question.lan};
}
std::optional<MappingError> refusesClient(const Policy& policy, const Question& question) {
    return errorOf(policy.refusesClient(asked(question)));
}
std::optional<MappingError> refusesPorts(const Policy& policy, const Question& question) {
    return errorOf(policy.refusesPorts(asked(question)));
}
/// For one of its own pinholes.
Question pinholeFor(const Host& host, std::uint16_t port = 3074) {
    return {.requester = host,
            .client = host,
            .kind = OpeningKind::Pinhole,
            .external = 0,
            .internal = port};
}
Policy openToAll() {
    PolicyConfig config;
    config.thirdParties = {kEverybody};
    return Policy{config};
}

TEST(Policy, LetsAHostMapForItself) {
    EXPECT_FALSE(refusesClient(Policy{{}}, {}));
    EXPECT_FALSE(refusesPorts(Policy{{}}, {}));
    EXPECT_FALSE(refusesClient(Policy{{}}, pinholeFor(kAlice6)));
    EXPECT_FALSE(refusesPorts(Policy{{}}, pinholeFor(kAlice6)));
}

TEST(Policy, RefusesAnotherHostUnlessThirdPartiesAreAllowed) {  // IGD-Access-01
    EXPECT_EQ(refusesClient(Policy{{}}, {.requester = kBob}), MappingError::NotAuthorized);
    EXPECT_FALSE(refusesClient(openToAll(), {.requester = kBob}));
}

TEST(Policy, LetsTheHostsThatAreNamedAskForOthers) {
    PolicyConfig config;
    config.thirdParties = {filter("192.168.1.20/32").remote, filter("2001:db8::20").remote};
    const Policy policy{config};
    EXPECT_FALSE(refusesClient(policy, {.requester = kBob}));
    EXPECT_EQ(refusesClient(policy, {.requester = kAlice, .client = kBob}),
              MappingError::NotAuthorized);
    EXPECT_TRUE(policy.mayActForOthers(kBob6.address));
    EXPECT_FALSE(policy.mayActForOthers(kAlice6.address));
}

TEST(Policy, KnowsAHostByItsHardwareAddress) {  // IGD-6FC-21
    EXPECT_FALSE(refusesClient(Policy{{}}, {.requester = kAlice6}));
    EXPECT_EQ(refusesClient(Policy{{}}, {.requester = kBob6}), MappingError::NotAuthorized);
    EXPECT_EQ(refusesClient(Policy{{}}, {.requester = {kAlice6.address}}),
              MappingError::NotAuthorized);
}

TEST(Policy, RefusesWhatIsNoHostOfTheLanEvenForThirdParties) {  // IGD-Access-07, -08
    for (const char* const client :
         {"192.168.1.1", "192.168.1.0", "192.168.1.255", "255.255.255.255", "80.100.100.1",
          "192.168.2.5", "127.0.0.1", "224.0.0.1", "0.0.0.0"})
        EXPECT_EQ(refusesClient(openToAll(), {.client = {ipv4(client)}}),
                  MappingError::NotAuthorized)
            << client;
    for (const char* const client :
         {"2001:db8::1", "2001:db8:1::5", "ff02::1", "::1", "::", "::ffff:1.2.3.4"})
        EXPECT_EQ(
            refusesClient(openToAll(), {.client = {ipv6(client)}, .kind = OpeningKind::Pinhole}),
            MappingError::NotAuthorized)
            << client;
}

TEST(Policy, MapsToNoHostWithoutAnAddressOfIpv4) {
    const auto refusal = openToAll().refusesClient(asked({.client = kAlice6}));
    EXPECT_EQ(refusal->error, MappingError::NoInternalAddress);
    EXPECT_THAT(refusal->reason, HasSubstr("no address of IPv4 is known of 2001:db8::10"));
    EXPECT_EQ(refusesClient(openToAll(), {.client = {ipv6("2001:db8::1")}}),
              MappingError::NotAuthorized)
        << "the router itself";
}

TEST(Policy, MapsNothingOnALanWithoutIpv4) {
    Question question{.requester = kAlice6};
    question.lan.addresses.clear();
    EXPECT_EQ(refusesClient(openToAll(), question), MappingError::NoInternalAddress);
    Question pinhole = pinholeFor(kAlice6);
    pinhole.lan.addresses.clear();
    EXPECT_FALSE(refusesClient(Policy{{}}, pinhole));
}

TEST(Policy, RefusesEachAddressOfTheRouter) {
    Question question{.client = {ipv4("192.168.1.7")}};
    question.lan.addresses.push_back(*parseIpv4Prefix("192.168.1.7/24"));
    EXPECT_THAT(openToAll().refusesClient(asked(question))->reason,
                HasSubstr("is the router itself"));
}

TEST(Policy, RefusesARequestThatDidNotComeFromTheLan) {
    EXPECT_EQ(refusesClient(openToAll(), {.requester = {ipv4("80.100.100.9")}}),
              MappingError::NotAuthorized);
}

TEST(Policy, ServesClientsInNetworksBehindTheLan) {
    Question question{.requester = {ipv4("10.7.0.5")}, .client = {ipv4("10.7.0.5")}};
    EXPECT_EQ(refusesClient(Policy{{}}, question), MappingError::NotAuthorized);
    question.lan.routed = {*parseIpv4Prefix("10.7.0.0/16")};
    EXPECT_FALSE(refusesClient(Policy{{}}, question));
}

TEST(Policy, OpensNoPinholeWhereNoneIsAllowed) {
    PolicyConfig config;
    config.pinholesAllowed = false;
    EXPECT_EQ(refusesClient(Policy{config}, pinholeFor(kAlice6)), MappingError::NotAuthorized);
    EXPECT_FALSE(refusesClient(Policy{config}, {}));
}

TEST(Policy, OpensNothingToAddressesThatNobodyOutsideReaches) {  // PCP-V6-03, -04
    Question local = pinholeFor({ipv6("fe80::7"), mac(7)});
    EXPECT_EQ(refusesClient(Policy{{}}, local), MappingError::NotAuthorized);
    Question unique = pinholeFor({ipv6("fd00::7"), mac(7)});
    unique.lan.addresses6.push_back(filter("fd00::1/64").remote);
    EXPECT_EQ(refusesClient(Policy{{}}, unique), MappingError::NoExternalAddress);
}

TEST(Policy, DrawsTheLineAt1024OnBothSides) {  // IGD-Access-03, -04, -05
    EXPECT_EQ(refusesPorts(Policy{{}}, {.external = 1023}), MappingError::NotAuthorized);
    EXPECT_FALSE(refusesPorts(Policy{{}}, {.external = 1024}));
    EXPECT_EQ(refusesPorts(Policy{{}}, {.internal = 1023}), MappingError::NotAuthorized);
    EXPECT_FALSE(refusesPorts(Policy{{}}, {.internal = 1024}));
    EXPECT_EQ(refusesPorts(Policy{{}}, pinholeFor(kAlice6, 1023)), MappingError::NotAuthorized);
    EXPECT_FALSE(refusesPorts(Policy{{}}, pinholeFor(kAlice6, 1024)));
}

TEST(Policy, LeavesPortsBelow1024ToTheLinesAlone) {  // IGD-6FC-18
    EXPECT_EQ(refusesPorts(openToAll(), pinholeFor(kBob6, 22)), MappingError::NotAuthorized);
    const Policy lets = policyWith({allow("22", AnyClient{}, "22")});
    EXPECT_FALSE(refusesPorts(lets, pinholeFor(kBob6, 22)));
    EXPECT_FALSE(refusesPorts(lets, {.external = 22, .internal = 22}));
    EXPECT_EQ(refusesPorts(lets, {.external = 22}), MappingError::NotAuthorized);
}

TEST(Policy, FollowsTheFirstLineThatMatches) {  // IGD-Access-15
    const Policy policy =
        policyWith({allow("80", *parseIpv4Prefix("192.168.1.10/32"), "80"), deny("0-65535")});
    EXPECT_FALSE(refusesPorts(policy, {.external = 80, .internal = 80}));
    EXPECT_THAT(policy.refusesPorts(asked({.client = kBob}))->reason, HasSubstr("upnpd.conf:7"));
    EXPECT_EQ(refusesPorts(policy, pinholeFor(kAlice6)), MappingError::NotAuthorized);
}

TEST(Policy, DecidesByProtocolToo) {
    PermissionRule udpOnly = deny("0-65535");
    udpOnly.protocol = Protocol::Udp;
    EXPECT_TRUE(refusesPorts(policyWith({udpOnly}), {}));
    EXPECT_FALSE(refusesPorts(policyWith({udpOnly}), {.protocol = Protocol::Tcp}));
}

TEST(Policy, DecidesOfProtocolsWithoutPortsByTheLinesForAllProtocols) {
    Question esp = pinholeFor(kAlice6, 0);
    esp.protocol = Protocol::Esp;
    EXPECT_FALSE(refusesPorts(Policy{{}}, esp));
    EXPECT_EQ(refusesPorts(policyWith({deny("0-65535")}), esp), MappingError::NotAuthorized);
    EXPECT_FALSE(refusesPorts(policyWith({deny("0-65535", mac(2))}), esp));
    PermissionRule udpOnly = deny("0-65535");
    udpOnly.protocol = Protocol::Udp;
    EXPECT_FALSE(refusesPorts(policyWith({udpOnly}), esp));
}

TEST(Policy, DecidesByTheClientInAllItsForms) {
    for (const ClientPattern& alice :
         {ClientPattern{mac(1)}, ClientPattern{*parseIpv4Prefix("192.168.1.8/29")}}) {
        const Policy policy = policyWith({deny("0-65535", alice)});
        for (const Host& host : {kAlice, kAlice6})
            EXPECT_TRUE(refusesPorts(policy, {.client = host})) << toString(host.address);
        for (const Host& host : {kBob, kBob6})
            EXPECT_FALSE(refusesPorts(policy, {.client = host})) << toString(host.address);
    }
    const Policy prefix = policyWith({deny("0-65535", filter("2001:db8::10/124").remote)});
    EXPECT_TRUE(refusesPorts(prefix, pinholeFor(kAlice6)));
    EXPECT_FALSE(refusesPorts(prefix, pinholeFor(kBob6)));
    EXPECT_FALSE(refusesPorts(prefix, {.client = kAlice})) << "an IPv4 address is in no prefix";
}

TEST(Policy, TakesAHostThatNobodyKnowsForNobody) {
    const Policy policy = policyWith({deny("0-65535", mac(1))});
    EXPECT_FALSE(refusesPorts(policy, {.client = {kAlice.address}}));
    EXPECT_TRUE(policy.needsHardwareAddress({kAlice.address}));
    EXPECT_FALSE(policy.needsHardwareAddress(kAlice));
}

TEST(Policy, SaysWhereTheHardwareAddressMatters) {
    const Policy byIpv4 = policyWith({deny("0-65535", *parseIpv4Prefix("192.168.1.10/32"))});
    EXPECT_TRUE(byIpv4.needsHardwareAddress({kAlice6.address}));
    EXPECT_FALSE(byIpv4.needsHardwareAddress({kAlice.address}));
    EXPECT_FALSE(policyWith({deny("0-65535")}).needsHardwareAddress({kAlice6.address}));
}

TEST(Policy, ListsThePortsThatItPermits) {
    EXPECT_THAT(Policy{{}}.permittedPorts(asked({})), ElementsAre(ports("1024-65535")));
    EXPECT_THAT(Policy{{}}.permittedPorts(asked({.internal = 22})), IsEmpty());
    const Policy policy = policyWith({deny("2000-2999"), allow("80-1023", AnyClient{}, "0-65535"),
                                      deny("60000-65535", mac(2)), deny("5000", mac(1))});
    EXPECT_THAT(policy.permittedPorts(asked({})),
                ElementsAre(ports("80-1999"), ports("3000-4999"), ports("5001-65535")));
    EXPECT_THAT(policyWith({deny("0-65535")}).permittedPorts(asked({})), IsEmpty());
    EXPECT_THAT(policyWith({allow("0-65535", AnyClient{}, "0-65535")}).permittedPorts(asked({})),
                ElementsAre(ports("1-65535")));
}

TEST(Policy, SeesALineThatNeverDecides) {
    const auto all = deny("1024-65535", *parseIpv4Prefix("192.168.1.0/24"));
    const auto host = [](const char* text) { return ClientPattern{*parseIpv4Prefix(text)}; };
    EXPECT_TRUE(covers(all, allow("3074", host("192.168.1.10/32"), "3074")));
    EXPECT_TRUE(covers(all, all));
    EXPECT_FALSE(covers(all, allow("80", host("192.168.1.10/32"), "3074")));
    EXPECT_FALSE(covers(all, allow("3074", host("192.168.0.0/16"), "3074")));
    auto tcpOnly = all;
    tcpOnly.protocol = Protocol::Tcp;
    EXPECT_TRUE(covers(all, tcpOnly));
    EXPECT_FALSE(covers(tcpOnly, all));
    const auto ofOne = allow("3074", mac(1), "3074");
    EXPECT_FALSE(covers(all, ofOne)) << "that host may have an address of another network";
    EXPECT_FALSE(covers(ofOne, allow("3074", AnyClient{}, "3074")));
    EXPECT_TRUE(covers(deny("0-65535"), ofOne));
    EXPECT_TRUE(covers(deny("0-65535", filter("2001:db8::/32").remote),
                       deny("80", filter("2001:db8:1::/48").remote)));
}

TEST(Policy, KeepsRangesBelow1024ForThoseWhomALineLets) {  // IGD-DeleteRange-10
    const PortRange low = ports("80-2000");
    EXPECT_EQ(errorOf(Policy{{}}.refusesRange(low, kAlice)), MappingError::NotAuthorized);
    const auto lets = policyWith({allow("80", *parseIpv4Prefix("192.168.1.10/32"), "80")});
    EXPECT_FALSE(lets.refusesRange(low, kAlice));
    EXPECT_TRUE(lets.refusesRange(low, kBob));
    EXPECT_FALSE(Policy{{}}.refusesRange(ports("1024-65535"), kAlice));
}

TEST(Policy, KeepsTheOrdinaryPortsBehindTheLines) {
    const auto lets = policyWith({allow("80", *parseIpv4Prefix("192.168.1.10/32"), "80")});
    EXPECT_FALSE(refusesPorts(lets, {.requester = kBob, .client = kBob, .external = 8080}));
}

TEST(Policy, ReservesPorts) {  // IGD-Map-15
    EXPECT_TRUE(Policy{{}}.isReserved(Port{5351}));
    EXPECT_TRUE(Policy{{}}.isReserved(Port{1900}));
    EXPECT_FALSE(Policy{{}}.isReserved(Port{5352}));
}

TEST(Policy, CountsPerHostAndInTotal) {  // IGD-Map-16
    PolicyConfig config;
    config.mappingsPerClient = 2;
    config.mappingsTotal = 3;
    const Policy policy{config};
    EXPECT_FALSE(policy.refusesMore(1, 2));
    EXPECT_EQ(errorOf(policy.refusesMore(2, 2)), MappingError::QuotaExceeded);
    EXPECT_EQ(errorOf(policy.refusesMore(0, 3)), MappingError::TableFull);
}

TEST(Policy, KeepsAQuarterForHostsThatHaveNone) {
    PolicyConfig config;
    config.mappingsTotal = 8;
    const Policy policy{config};
    EXPECT_FALSE(policy.refusesMore(1, 5));
    EXPECT_EQ(errorOf(policy.refusesMore(1, 6)), MappingError::TableFull);
    EXPECT_FALSE(policy.refusesMore(0, 7));
    EXPECT_EQ(errorOf(policy.refusesMore(0, 8)), MappingError::TableFull);
}

TEST(Policy, KeepsLeasesWithinTheirBounds) {  // IGD-Lease-04, IGD-Quirk-14
    PolicyConfig config;
    config.minLease = 120s;
    config.maxLease = 3600s;
    EXPECT_EQ(Policy{config}.leaseWithin(1s), 120s);
    EXPECT_EQ(Policy{config}.leaseWithin(600s), 600s);
    EXPECT_EQ(Policy{config}.leaseWithin(4294967295s), 3600s);
}

TEST(Policy, GivesNatPmpWhatItAsksForAndPcpTwoMinutes) {
    EXPECT_EQ(Policy{{}}.controlLease(1s, Origin::NatPmp), 1s);
    EXPECT_EQ(Policy{{}}.controlLease(1s, Origin::Pcp), 120s);
    EXPECT_EQ(Policy{{}}.controlLease(99999s, Origin::NatPmp), 86400s);
    EXPECT_EQ(Policy{{}}.controlLease(99999s, Origin::Pcp), 86400s);
}

TEST(Ownership, GoesByAddressOrHardwareAddress) {
    const Opening mapping = mappingOf(kAlice, udp(1));
    EXPECT_TRUE(isOf(mapping, kAlice));
    EXPECT_TRUE(isOf(mapping, kAlice6));
    EXPECT_TRUE(isOf(mapping, {kAlice.address}));
    EXPECT_FALSE(isOf(mapping, kBob));
}

TEST(Ownership, IsNotSharedByTheHostsOfOnePrefix) {  // IGD-6FC-23
    const Host one{ipv6("2001:db8:7::1")};
    const Host other{ipv6("2001:db8:7::2")};
    EXPECT_TRUE(isOf(pinholeAt(one, 5000, 1), one));
    EXPECT_FALSE(isOf(pinholeAt(one, 5000, 1), other)) << "they share a quota, no more";
}

}  // namespace
}  // namespace igd
