// SPDX-License-Identifier: GPL-2.0-or-later
// What NAT-PMP and PCP get of the port mapper.
#include "port_mapper_fixture.h"

namespace igd {
namespace {

const Ipv4Address kExternal = address("80.100.100.1");
const Nonce kNonce{1};
const Nonce kOther{2};

PortRequest wish(Origin origin = Origin::Pcp, std::uint16_t port = 5000,
                 Ipv4Address client = kAlice) {
    PortRequest request;
    request.protocol = Protocol::Udp;
    request.client = request.requester = client;
    request.internalPort = Port{port};
    request.lifetime = Seconds{3600};
    request.origin = origin;
    if (origin == Origin::Pcp) request.nonce = kNonce;
    return request;
}

class PortControlTest : public PortMapperTest {
protected:
    PortAnswer map(const PortRequest& request, TimePoint now = t0) {
        return mapper.map(request, kLan, kExternal, now);
    }
    PortAnswer unmap(Origin origin, std::uint16_t port, std::optional<Nonce> nonce = std::nullopt) {
        return mapper.unmap({Protocol::Udp, kAlice, Port{port}, kAlice, origin, nonce}, kLan, t0);
    }
};

TEST_F(PortControlTest, ChoosesTheInternalPortOrTheNearest) {
    EXPECT_EQ(map(wish())->externalPort, Port{5000});
    EXPECT_EQ(map(wish(Origin::Pcp, 5000, kBob))->externalPort, Port{5001});
    PortRequest suggested = wish(Origin::NatPmp, 7000);
    suggested.suggestedPort = Port{1900};
    EXPECT_EQ(map(suggested)->externalPort, Port{1901});
    EXPECT_EQ(map(suggested)->externalAddress, IpAddress{kExternal});
}

TEST_F(PortControlTest, GivesNatPmpWhatItAsksForAndPcpTwoMinutes) {
    for (const auto& [origin, asked, granted] : {std::tuple{Origin::NatPmp, 1, 1},
                                                 {Origin::Pcp, 1, 120},
                                                 {Origin::NatPmp, 99999, 86400},
                                                 {Origin::Pcp, 99999, 86400}}) {
        PortRequest request = wish(origin, 6000);
        request.nonce = origin == Origin::Pcp ? std::optional{kNonce} : std::nullopt;
        request.lifetime = Seconds{asked};
        EXPECT_EQ(map(request)->lifetime, Seconds{granted});
        (void)unmap(origin, 6000, request.nonce);
    }
}

TEST_F(PortControlTest, KeepsTheNonce) {
    ASSERT_TRUE(map(wish()));
    PortRequest other = wish();
    other.nonce = kOther;
    EXPECT_EQ(map(other),
              (tl::unexpected{PortRefusal{MappingError::NotAuthorized, Seconds{3600}}}));
    EXPECT_EQ(unmap(Origin::Pcp, 5000, kOther).error().error, MappingError::NotAuthorized);
    EXPECT_EQ(unmap(Origin::NatPmp, 5000).error(),
              (PortRefusal{MappingError::NotAuthorized, Seconds{3600}, Port{5000}}));
    EXPECT_EQ(mapper.size(), 1U);
    EXPECT_TRUE(unmap(Origin::Pcp, 5000, kNonce));
    EXPECT_TRUE(firewall.rules.empty());
}

TEST_F(PortControlTest, ARefusingKernelLeavesAllAsItWas) {
    ASSERT_TRUE(map(wish()));
    const auto before = mapper.all();
    firewall.broken = true;
    PortRequest longer = wish();
    longer.lifetime = Seconds{7200};
    EXPECT_EQ(map(longer).error().error, MappingError::Backend);
    EXPECT_EQ(map(wish(Origin::NatPmp, 6000)).error().error, MappingError::Backend);
    EXPECT_EQ(unmap(Origin::Pcp, 5000, kNonce).error().error, MappingError::Backend);
    EXPECT_EQ(mapper.all(), before);
}

TEST_F(PortControlTest, SharesWithUpnpUntilBothLeasesHaveEnded) {
    ASSERT_TRUE(map(wish()));
    MappingRequest share = requestOf(kAlice, udp(5000), Seconds{7200});
    ASSERT_TRUE(ask(share));
    EXPECT_EQ(mapper.find(udp(5000), t0)->remainingLease, Seconds{7200});
    EXPECT_EQ(mapper.nextExpiry(), t0 + Seconds{3600});
    ASSERT_TRUE(mapper.expire(t0 + Seconds{3600}));
    EXPECT_EQ(mapper.all().at(0).origin, Origin::Igd);
    EXPECT_FALSE(mapper.all().at(0).nonce);
    EXPECT_EQ(firewall.rules.size(), 1U);
    ASSERT_TRUE(mapper.expire(t0 + Seconds{7200}));
    EXPECT_TRUE(firewall.rules.empty());
}

TEST_F(PortControlTest, TheShareOfUpnpEndsFirst) {
    ASSERT_TRUE(map(wish()));
    ASSERT_TRUE(ask(requestOf(kAlice, udp(5000), Seconds{60})));
    ASSERT_TRUE(mapper.expire(t0 + Seconds{60}));
    EXPECT_EQ(mapper.all().at(0).origin, Origin::Pcp);
    EXPECT_FALSE(mapper.all().at(0).igdShare);
    EXPECT_TRUE(unmap(Origin::Pcp, 5000, kNonce));
    EXPECT_EQ(mapper.size(), 0U);
}

TEST_F(PortControlTest, KeepsTheCompanionOfNatPmp) {
    ASSERT_TRUE(map(wish(Origin::NatPmp)));
    EXPECT_EQ(errorOf(ask(requestOf(kBob, tcp(5000)))), MappingError::Conflict);
    EXPECT_TRUE(ask(requestOf(kAlice, tcp(5000))));
    ASSERT_TRUE(ask(requestOf(kAlice, udp(6000))));
    EXPECT_TRUE(ask(requestOf(kBob, tcp(6000)))) << "UPnP keeps none";
}

TEST_F(PortControlTest, AddsFiltersUpToTheLimit) {
    ASSERT_TRUE(map(wish()));
    PortRequest request = wish();
    for (int i = 0; i < 8; ++i)
        request.filters.push_back(*parsePeerFilter("80." + std::to_string(i) + ".0.0/16"));
    ASSERT_TRUE(map(request));
    EXPECT_EQ(firewall.rules.at(udp(5000)).filters.size(), 8U);
    request.filters = {*parsePeerFilter("80.99.0.0/16")};
    EXPECT_EQ(map(request).error().error, MappingError::TooManyFilters);
    EXPECT_EQ(firewall.rules.at(udp(5000)).filters.size(), 8U);
    request.dropFilters = true;
    ASSERT_TRUE(map(request));
    EXPECT_EQ(firewall.rules.at(udp(5000)).filters.size(), 1U);
}

TEST_F(PortControlTest, DeletesAllOfOneOriginAndNonce) {
    PortRequest other = wish(Origin::Pcp, 5003);
    other.nonce = kOther;
    for (const PortRequest& request : {wish(Origin::NatPmp, 5001), wish(Origin::Pcp, 5002), other})
        ASSERT_TRUE(map(request));
    EXPECT_TRUE(
        mapper.unmap({std::nullopt, kAlice, Port{0}, kAlice, Origin::Pcp, kNonce}, kLan, t0));
    EXPECT_EQ(mapper.size(), 2U);
    EXPECT_TRUE(unmap(Origin::NatPmp, 0));
    EXPECT_EQ(mapper.all().at(0).nonce, kOther);
}

TEST_F(PortControlTest, AnswersAProbeOfTheAddress) {
    EXPECT_EQ(map(wish(Origin::Pcp, 9)), (PortAnswer{PortGrant{Port{9}, kExternal, Seconds{120}}}));
    EXPECT_EQ(mapper.size(), 0U);
    EXPECT_EQ(map(wish(Origin::NatPmp, 9)).error().error, MappingError::NotAuthorized);
    PortRequest exact = wish(Origin::Pcp, 9);
    exact.suggestedPort = Port{9};
    EXPECT_EQ(map(exact).error().error, MappingError::NotAuthorized);
}

TEST_F(PortControlTest, OnlyForItsOwnHosts) {
    PortRequest outside = wish();
    outside.client = outside.requester = address("10.0.0.5");
    EXPECT_EQ(map(outside).error().error, MappingError::NotAuthorized);
    PortRequest third = wish();
    third.client = kBob;
    EXPECT_EQ(map(third).error().error, MappingError::NotAuthorized);
    PortRequest router = wish(Origin::Pcp, 5000, kLan.addresses.front().address);
    EXPECT_EQ(map(router).error().error, MappingError::NotAuthorized);
}

}  // namespace
}  // namespace igd
