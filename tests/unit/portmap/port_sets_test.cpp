// SPDX-License-Identifier: GPL-2.0-or-later
// Sets of ports (RFC 7753): their size, their place, and what others make of them.
#include "ledger.h"
#include "openings_fixture.h"

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

PortRequest setOf(const Host& client, std::uint16_t first, std::uint16_t count,
                  Protocol protocol = Protocol::Udp) {
    PortRequest request = wishOf(Origin::Pcp, client, first);
    request.protocol = protocol;
    request.portCount = count;
    return request;
}
PortRequest suggested(PortRequest request, std::uint16_t port, bool exact = false) {
    request.suggestedPort = Port{port};
    request.exact = exact;
    return request;
}

class PortSets : public OpeningsTest {
protected:
    PortSets() { widen({}); }
    void widen(PolicyConfig config) {
        config.mappingsPerClient = 2000;
        config.mappingsTotal = 4000;
        EXPECT_TRUE(reload(config));
    }
    std::vector<std::string> all() const {
        std::vector<std::string> texts;
        for (const Opening& opening : openings.lists().all()) texts.push_back(describe(opening));
        return texts;
    }
    PortGrant expected(std::uint16_t external, std::uint16_t count, std::uint16_t internal) const {
        return {Port{external}, kExternal, 3600s, count, count > 1 ? Port{internal} : Port{0}};
    }
    std::optional<MappingError> end(std::uint16_t port, bool isSet) {
        PortRelease release = endOf(Origin::Pcp, kAlice, port);
        release.isSet = isSet;
        return errorOf(ask(release));
    }
};

TEST_F(PortSets, AreOneOpening) {  // PCP-SET-01, 10, 11
    EXPECT_EQ(grant(setOf(kAlice, 5000, 256)), expected(5000, 256, 5000));
    EXPECT_THAT(all(), ElementsAre("udp 5000-5255 -> 192.168.1.10:5000-5255"));
    ASSERT_EQ(firewall.rules.size(), 1U);
    EXPECT_EQ(record.stored.size(), 1U);
    EXPECT_EQ(openings.updateId(), 1U);
}

TEST_F(PortSets, GoWhereTheyAreWholeAndKeepTheirParity) {  // PCP-SET-02, 04
    ASSERT_TRUE(isGranted(ask(requestOf(kAlice, udp(5100)))));
    EXPECT_EQ(grant(setOf(kBob, 5000, 200)), expected(4900, 200, 5000)) << "below, as it is nearer";
    PortRequest odd = setOf(kAlice, 6001, 4);
    odd.keepsParity = true;
    EXPECT_EQ(grant(suggested(odd, 6100)).externalPort, Port{6101});
    odd.internalPort = Port{7001};
    EXPECT_EQ(errorOf(ask(suggested(odd, 6200, true))), MappingError::Conflict);
    EXPECT_EQ(grant(suggested(odd, 6201, true)).externalPort, Port{6201});
}

TEST_F(PortSets, AreSmallerWhereThereIsNoMore) {  // PCP-SET-03, 13
    PolicyConfig config;
    config.permissions = {allow("2000-2009", AnyClient{}, "1-65535"),
                          allow("2020-2039", AnyClient{}, "1-65535"),
                          deny("1-65535", AnyClient{}, "1-65535")};
    config.reservedPorts = {Port{2022}};
    widen(config);
    EXPECT_EQ(grant(setOf(kAlice, 5000, 100)), expected(2023, 17, 5000));
    routersOwn = udp(2009);
    EXPECT_EQ(grant(setOf(kAlice, 6000, 100)), expected(2000, 9, 6000));
    EXPECT_EQ(grant(setOf(kAlice, 7000, 100)).portCount, 2U);
    EXPECT_EQ(errorOf(ask(suggested(setOf(kAlice, 8000, 2), 2000, true))), MappingError::Conflict);
    routersOwn.reset();
    EXPECT_EQ(grant(setOf(kAlice, 8000, 2)), expected(2009, 1, 8000));
    EXPECT_EQ(errorOf(ask(setOf(kAlice, 9000, 2))), MappingError::TableFull);
}

TEST_F(PortSets, CountAsTheirPorts) {  // PCP-SET-13
    PolicyConfig config;
    config.mappingsPerClient = 64;
    ASSERT_TRUE(reload(config));
    EXPECT_EQ(grant(setOf(kAlice, 5000, 60)).portCount, 60U);
    EXPECT_EQ(grant(setOf(kAlice, 6000, 60)).portCount, 4U);
    EXPECT_EQ(errorOf(ask(setOf(kAlice, 7000, 2))), MappingError::QuotaExceeded);
    EXPECT_EQ(end(5000, true), std::nullopt);
    EXPECT_EQ(grant(setOf(kAlice, 7000, 100)).portCount, 60U);
    config.maxPortSet = 8;
    ASSERT_TRUE(reload(config));
    EXPECT_EQ(grant(setOf(kBob, 7000, 100)).portCount, 8U);
    EXPECT_EQ(openings.lists().size(), 3U) << "what stands stays";
}

TEST_F(PortSets, AreRenewedAndEndedWholeByAnyOfTheirPorts) {  // PCP-SET-05, 06, 07
    (void)grant(setOf(kAlice, 5001, 10));
    EXPECT_EQ(grant(setOf(kAlice, 5005, 10)), expected(5001, 10, 5001));
    EXPECT_EQ(grant(wishOf(Origin::Pcp, kAlice, 5003)), expected(5003, 1, 5003));
    PortRequest another = setOf(kAlice, 5005, 10);
    another.nonce = kOther;
    EXPECT_EQ(errorOf(ask(another)), MappingError::NotAuthorized);
    EXPECT_EQ(errorOf(ask(suggested(setOf(kAlice, 5001, 12), 5001, true))), MappingError::Conflict);
    EXPECT_EQ(end(5003, false), MappingError::NotAuthorized);
    EXPECT_EQ(end(5003, true), std::nullopt);
    EXPECT_THAT(all(), IsEmpty());
    EXPECT_TRUE(firewall.rules.empty());
    (void)grant(setOf(kAlice, 5005, 10));
    EXPECT_EQ(grant(setOf(kAlice, 5001, 10)), expected(5001, 4, 5001));
}

TEST_F(PortSets, AreSeenPortByPort) {  // PCP-SET-14
    (void)grant(suggested(setOf(kAlice, 5000, 256), 41000));
    const auto middle = view(udp(41100));
    ASSERT_TRUE(middle);
    EXPECT_EQ(middle->internal.port, Port{5100});
    EXPECT_EQ(middle->key, udp(41100));
    EXPECT_EQ(middle->description, "ports 41000-41255");
    EXPECT_FALSE(view(udp(41256)));
    RangeRequest range{Protocol::Udp, ports("41200-41300"), true, ipv4("192.168.1.10")};
    const auto listed = openings.lists().range(range, kAlice, 9, t0);
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 1U);
    EXPECT_EQ(listed->front().key, udp(41200));
    EXPECT_EQ(errorOf(ask(requestOf(kAlice, udp(41100)))), MappingError::Conflict);
    EXPECT_EQ(errorOf(ask(requestOf(kBob, udp(41255)))), MappingError::Conflict);
    EXPECT_EQ(errorOf(ask(releaseOf(kAlice, udp(41100)))), MappingError::NotAuthorized);
    EXPECT_EQ(grant(wishOf(Origin::NatPmp, kAlice, 5100)).externalPort, Port{5100})
        << "NAT-PMP has a mapping of its own";
    ASSERT_TRUE(openings.remove(udp(41255), t0));
    EXPECT_EQ(openings.lists().size(), 1U);
}

TEST_F(PortSets, EndWithTheFirstPortThatIsPermittedNoMore) {  // PCP-SET-13
    (void)grant(setOf(kAlice, 5000, 16));
    PolicyConfig config;
    config.permissions = {deny("5015", AnyClient{}, "1-65535")};
    widen(config);
    EXPECT_THAT(all(), IsEmpty());
    EXPECT_EQ(grant(setOf(kAlice, 5000, 16)).externalPort, Port{4999});
}

TEST_F(PortSets, GoWithTheirHostToAnotherAddress) {
    (void)grant(setOf(kAlice, 5000, 16));
    const Host moved{.address = ipv4("192.168.1.30"), .mac = mac(1), .ipv4 = {}};
    hosts[moved.address] = moved;
    EXPECT_EQ(grant(setOf(moved, 5000, 16)), expected(5000, 16, 5000));
    EXPECT_THAT(all(), ElementsAre("udp 5000-5015 -> 192.168.1.30:5000-5015"));
}

TEST_F(PortSets, ArePinholesOverIpv6) {  // PCP-SET-12
    const PortGrant granted = grant(setOf(kAlice6, 5000, 256, Protocol::Tcp));
    EXPECT_EQ(granted.portCount, 256U);
    EXPECT_EQ(granted.externalPort, Port{5000});
    EXPECT_THAT(all(), ElementsAre("pinhole tcp [2001:db8::10]:5000-5255 from any"));
    PinholeRequest inside = pinholeOf(kAlice6, 5100);
    inside.key.protocol = Protocol::Tcp;
    EXPECT_TRUE(isGranted(ask(inside))) << "UPnP has a pinhole of its own there";
    EXPECT_EQ(openings.lists().size(), 2U);
}

}  // namespace
}  // namespace igd
