// SPDX-License-Identifier: GPL-2.0-or-later
#include "openings_fixture.h"

namespace igd {
namespace {

using testing::IsEmpty;

class AdminRulesTest : public OpeningsTest {
protected:
    tl::expected<void, Refusal> add(std::uint16_t external, const IpEndpoint& internal,
                                    std::optional<Seconds> lease = std::nullopt) {
        const Host host = resolve(internal.address);
        return openings.add({Protocol::Tcp, Port{external}, internal, lease, "the nas"},
                            {host, host, lan}, t0);
    }
    tl::expected<void, Refusal> add(std::uint16_t external) {
        return add(external, {kAlice.address, Port{443}});
    }
    ChangeResult askForAlice() { return ask(requestOf(kAlice, tcp(8443))); }
    [[nodiscard]] Opening first() const { return openings.lists().all().front(); }
};

TEST_F(AdminRulesTest, LinesAndQuotasAreForClients) {
    PolicyConfig config;
    config.mappingsPerClient = 1;
    ASSERT_TRUE(reload(config));
    ASSERT_TRUE(add(80));
    ASSERT_TRUE(add(443));
    EXPECT_EQ(view(tcp(80))->internal.port, Port{443});
    EXPECT_EQ(view(tcp(80))->description, "the nas");
}

TEST_F(AdminRulesTest, NoClientChangesOrEndsIt) {
    ASSERT_TRUE(add(8443));
    EXPECT_EQ(errorOf(askForAlice()), MappingError::Conflict);
    EXPECT_EQ(errorOf(ask(ReleaseRequest{tcp(8443), std::nullopt, kAlice.address})),
              MappingError::NotAuthorized);
    ASSERT_TRUE(openings.clear(t0));
    EXPECT_TRUE(view(tcp(8443)));
}

TEST_F(AdminRulesTest, ItTakesThePlaceOfWhatTheHostHas) {
    ASSERT_TRUE(isGranted(askForAlice()));
    ASSERT_TRUE(add(8443));
    ASSERT_EQ(first().claims.size(), 1U);
    EXPECT_EQ(first().claims.front().origin, Origin::Admin);
    EXPECT_EQ(first().internal.port, Port{443});
}

TEST_F(AdminRulesTest, TheHolderIsNamed) {
    ASSERT_TRUE(isGranted(askForAlice()));
    const auto added = add(8443, {kBob.address, Port{443}});
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().error, MappingError::Conflict);
    EXPECT_EQ(added.error().reason, "held by " + toString(kAlice.address));
}

TEST_F(AdminRulesTest, TheRoutersOwnPortsAreTaken) {
    routersOwn = tcp(22);
    EXPECT_EQ(add(22).error().error, MappingError::PortInUse);
    EXPECT_EQ(add(1900).error().error, MappingError::PortInUse);
    EXPECT_THAT(openings.lists().all(), IsEmpty());
}

TEST_F(AdminRulesTest, TheFirewallHasToTakeIt) {
    firewall.broken = true;
    EXPECT_EQ(add(8443).error().error, MappingError::Backend);
    EXPECT_THAT(openings.lists().all(), IsEmpty());
}

TEST_F(AdminRulesTest, ItOutlastsItsHostAndEndsWithItsLease) {
    ASSERT_TRUE(add(8443, {kAlice.address, Port{443}}, Seconds{7200}));
    openings.hostLost(kAlice.address, t0);
    EXPECT_EQ(openings.nextExpiry(), t0 + Seconds{7200});
    ASSERT_TRUE(openings.expire(t0 + Seconds{7200}));
    EXPECT_THAT(openings.lists().all(), IsEmpty());
}

TEST_F(AdminRulesTest, AnOutlookChangesNothing) {
    const Host alice = resolve(kAlice.address);
    const AdminRequest wanted{Protocol::Tcp, Port{8443}, {kAlice.address, Port{443}}};
    EXPECT_TRUE(openings.outlook(wanted, {alice, alice, lan}, t0));
    EXPECT_THAT(openings.lists().all(), IsEmpty());
    ASSERT_TRUE(add(8443, {kBob.address, Port{443}}));
    EXPECT_EQ(openings.outlook(wanted, {alice, alice, lan}, t0).error().error,
              MappingError::Conflict);
}

TEST_F(AdminRulesTest, AReloadLeavesIt) {
    ASSERT_TRUE(add(80, {kAlice.address, Port{80}}, Seconds{864000}));
    PolicyConfig config;
    config.maxLease = config.pcpMaxLease = Seconds{60};
    const auto change = reload(config);
    ASSERT_TRUE(change);
    EXPECT_EQ(change->mappings + change->shortened, 0U);
}

TEST_F(AdminRulesTest, AHostOfIpv6GetsAPinhole) {
    ASSERT_TRUE(add(443, {kAlice6.address, Port{443}}));
    EXPECT_EQ(first().kind, OpeningKind::Pinhole);
    EXPECT_FALSE(first().pinholeId);
    EXPECT_FALSE(first().end());
}

}  // namespace
}  // namespace igd
