// SPDX-License-Identifier: GPL-2.0-or-later
// A configuration that was read again.
#include "port_mapper_fixture.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const Lans kLans{{kLan}, true};

PolicyConfig denying(std::uint16_t port) {
    PolicyConfig config;
    config.permissions.push_back({false,
                                  {Port{port}, Port{port}},
                                  Ipv4Prefix{Ipv4Address{}, 0},
                                  std::nullopt,
                                  {Port{0}, Port{65535}},
                                  std::nullopt,
                                  "upnpd.conf:1"});
    return config;
}

Mapping administrators(MappingKey key) {
    Mapping mapping = mappingOf(kBob, key);
    mapping.origin = Origin::Static;
    return mapping;
}

class NewPolicy : public PortMapperTest {
protected:
    Result<std::size_t> change(const PolicyConfig& config, std::vector<Mapping> statics = {},
                               const Lans& lans = kLans, HardwareAddressOf macs = {}) {
        return mapper.changePolicy(Policy{config, std::move(macs)}, statics, lans, t0)
            .map([this](const PolicyChange& change) {
                shortened = change.shortened;
                return change.ended;
            });
    }
    std::size_t shortened = 0;
    std::vector<MappingKey> keys() {
        std::vector<MappingKey> result;
        for (const Mapping& mapping : mapper.all()) result.push_back(mapping.key);
        return result;
    }
};

TEST_F(NewPolicy, EndsWhatItDoesNotPermitAndNothingElse) {
    ASSERT_TRUE(ask(requestOf(kAlice, udp(40001))));
    ASSERT_TRUE(ask(requestOf(kAlice, udp(40002))));
    EXPECT_EQ(change(denying(40001)), 1U);
    EXPECT_THAT(keys(), ElementsAre(udp(40002)));
    EXPECT_FALSE(firewall.rules.contains(udp(40001)));
    EXPECT_THAT(record.ended, ElementsAre(udp(40001)));
    EXPECT_FALSE(ask(requestOf(kAlice, udp(40001))));
}

TEST_F(NewPolicy, LeavesEverythingWhenTheKernelRefuses) {
    ASSERT_TRUE(ask(requestOf(kAlice, udp(40001))));
    firewall.broken = true;
    EXPECT_FALSE(change(denying(40001)));
    firewall.broken = false;
    EXPECT_THAT(keys(), ElementsAre(udp(40001)));
    EXPECT_TRUE(ask(requestOf(kAlice, udp(40001)))) << "the old policy is in force";
}

TEST_F(NewPolicy, EndsWhatWasMadeForOthersWhenThatIsForbidden) {
    PolicyConfig open;
    open.allowThirdParty = true;
    ASSERT_TRUE(change(open));
    MappingRequest forBob = requestOf(kBob, udp(40001));
    forBob.requester = kAlice;
    ASSERT_TRUE(ask(forBob));
    EXPECT_EQ(change({}), 1U);
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(NewPolicy, LeavesToAHostWhatItHasAskedForToo) {
    PolicyConfig open;
    open.allowThirdParty = true;
    ASSERT_TRUE(change(open));
    for (const Ipv4Address first : {kAlice, kBob})
        for (const Ipv4Address second : {kAlice, kBob})
            for (const Ipv4Address asks : {first, second}) {
                MappingRequest request =
                    requestOf(kBob, udp(static_cast<std::uint16_t>(40001 + (first == kBob) +
                                                                   2 * (second == kBob))));
                request.requester = asks;
                ASSERT_TRUE(ask(request));
            }
    EXPECT_EQ(change({}), 1U);
    EXPECT_THAT(keys(), UnorderedElementsAre(udp(40002), udp(40003), udp(40004)));
}

TEST_F(NewPolicy, TellsWhoActedForOthersByUpnpFromWhoDidByPcp) {
    PolicyConfig open;
    open.allowThirdParty = true;
    ASSERT_TRUE(change(open));
    MappingRequest byUpnp = requestOf(kBob, udp(40001));
    byUpnp.requester = kAlice;
    ASSERT_TRUE(ask(byUpnp));
    PortRequest byPcp;
    byPcp.protocol = Protocol::Udp;
    byPcp.client = kBob;
    byPcp.requester = kAlice;
    byPcp.internalPort = byPcp.suggestedPort = Port{40002};
    byPcp.lifetime = Seconds{3600};
    byPcp.origin = Origin::Pcp;
    byPcp.nonce = Nonce{1};
    const AskedPort asked{byPcp, kLan};
    ASSERT_TRUE(mapper.controlAll({&asked, 1}, kBob, t0).front());
    PolicyConfig pcpOnly;
    pcpOnly.pcpThirdParties = {{mappedAddress(kAlice), 128}};
    EXPECT_EQ(change(pcpOnly), 1U);
    EXPECT_THAT(keys(), ElementsAre(udp(40002)));
    EXPECT_EQ(change({}, {}, Lans{{}, false}), 1U) << "whatever networks are there";
}

TEST_F(NewPolicy, ShortensLeasesThatAreLongerThanOneOfNow) {
    const auto lease = [&](MappingKey key, Seconds asked) {
        MappingRequest request = requestOf(kAlice, key);
        request.lease = asked;
        ASSERT_TRUE(ask(request));
    };
    lease(udp(40001), Seconds{7200});
    lease(udp(40002), Seconds{0});
    lease(udp(40003), Seconds{600});
    PolicyConfig shorter;
    shorter.maxLease = Seconds{3600};
    const int before = firewall.changes;
    EXPECT_EQ(change(shorter), 0U);
    EXPECT_EQ(shortened, 1U);
    EXPECT_EQ(firewall.changes, before + 1);
    EXPECT_EQ(mapper.all()[0].expiresAt, t0 + Seconds{3600});
    EXPECT_FALSE(mapper.all()[1].expiresAt);
    EXPECT_EQ(mapper.all()[2].expiresAt, t0 + Seconds{600});
    EXPECT_EQ(firewall.rules.at(udp(40001)).timeout, Seconds{3602});
    EXPECT_EQ(change(shorter), 0U);
    EXPECT_EQ(shortened, 0U);
    firewall.broken = true;
    shorter.maxLease = Seconds{60};
    EXPECT_FALSE(change(shorter));
    EXPECT_EQ(mapper.all()[0].expiresAt, t0 + Seconds{3600});
}

TEST_F(NewPolicy, LetsALeaseBeAsLongAsWhoAsksForNoneGets) {
    defaultLease = Seconds{50000};
    ASSERT_TRUE(ask(requestOf(kAlice, udp(40001))));
    PolicyConfig shorter;
    shorter.maxLease = Seconds{3600};
    EXPECT_EQ(change(shorter), 0U);
    EXPECT_EQ(shortened, 0U);
    defaultLease = Seconds{900};
    EXPECT_EQ(change(shorter), 0U);
    EXPECT_EQ(mapper.all()[0].expiresAt, t0 + Seconds{3600});
}

TEST_F(NewPolicy, DoesNotCountQuotas) {
    for (std::uint16_t port = 40001; port < 40004; ++port)
        ASSERT_TRUE(ask(requestOf(kAlice, udp(port))));
    PolicyConfig narrow;
    narrow.mappingsPerClient = narrow.mappingsTotal = 1;
    EXPECT_EQ(change(narrow), 0U);
    EXPECT_EQ(mapper.size(), 3U);
    EXPECT_FALSE(ask(requestOf(kAlice, udp(40009))));
}

TEST_F(NewPolicy, KnowsTheNetworksThatAreServed) {
    ASSERT_TRUE(ask(requestOf(kAlice, udp(40001))));
    EXPECT_EQ(change({}, {}, Lans{{}, false}), 0U) << "its network may come yet";
    EXPECT_EQ(change({}, {}, Lans{{}, true}), 1U);
}

TEST_F(NewPolicy, WaitsForHardwareAddressesThatNobodyKnowsYet) {
    ASSERT_TRUE(ask(requestOf(kAlice, udp(40001))));
    PolicyConfig config = denying(40001);
    config.permissions.insert(config.permissions.begin(), config.permissions.front());
    config.permissions.front().allow = true;
    config.permissions.front().mac = parseMacAddress("02:00:00:00:00:01");
    const auto nobody = [](const InterfaceName&, const IpAddress&) {
        return std::optional<MacAddress>{};
    };
    EXPECT_EQ(change(config, {}, kLans, nobody), 0U);
    const auto another = [](const InterfaceName&, const IpAddress&) {
        return parseMacAddress("02:00:00:00:00:02");
    };
    EXPECT_EQ(change(config, {}, kLans, another), 1U);
}

TEST_F(NewPolicy, TheAdministratorsOwnComeGoAndWin) {
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(40001))));
    EXPECT_EQ(change({}, {administrators(tcp(40001)), administrators(tcp(40002))}), 0U);
    EXPECT_EQ(firewall.rules.at(tcp(40001)).internal.address, kBob);
    EXPECT_EQ(mapper.size(), 2U);
    const int before = firewall.changes;
    EXPECT_EQ(change({}, {administrators(tcp(40001)), administrators(tcp(40002))}), 0U);
    EXPECT_EQ(firewall.changes, before) << "what is there already costs the kernel nothing";
    EXPECT_EQ(change({}, {administrators(tcp(40002))}), 0U);
    EXPECT_THAT(keys(), ElementsAre(tcp(40002)));
}

TEST_F(NewPolicy, IsNotForTheAdministratorsOwn) {
    EXPECT_EQ(change(denying(40001), {administrators(udp(40001))}), 0U);
    EXPECT_EQ(mapper.size(), 1U);
}

}  // namespace
}  // namespace igd
