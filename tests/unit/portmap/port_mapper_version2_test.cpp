// SPDX-License-Identifier: GPL-2.0-or-later
// Version 2 and the administrator's policy: any port, ranges, numbers of change, who sees what.
#include "port_mapper_fixture.h"

#include <gmock/gmock.h>

#include <array>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Key;

TEST_F(PortMapperTest, GrantsTheNearestPortThatIsFree) {  // IGD-AddAny-01 to -03, -06, -09, -11
    const auto any = [&](Ipv4Address client, MappingKey key) {
        return mapper.requestAny(requestOf(client, key), kLan, t0);
    };
    EXPECT_EQ(any(kAlice, tcp(5000)), Port{5000});
    EXPECT_EQ(any(kAlice, tcp(5000)), Port{5000});  // his already
    EXPECT_EQ(any(kBob, tcp(5000)), Port{5001});
    routersOwn = tcp(4999);
    auto second = requestOf(kBob, tcp(5000));
    second.internal.port = Port{6000};
    second.remoteHost = address("80.1.2.3");  // and so not his mapping of 5001
    EXPECT_EQ(mapper.requestAny(second, kLan, t0), Port{5002});
    EXPECT_EQ(any(kAlice, tcp(80)).error(), MappingError::NotAuthorized);
    auto whichever = requestOf(kAlice, udp(7000));
    whichever.key.externalPort = Port{0};
    EXPECT_EQ(mapper.requestAny(whichever, kLan, t0), Port{7000});  // IGD-Wild-06
}

TEST_F(PortMapperTest, SaysThatNoPortIsLeft) {  // IGD-AddAny-04
    PolicyConfig config;
    PermissionRule only;
    only.allow = true;
    only.externalPorts = {Port{5000}, Port{5001}};
    only.internalPorts = {Port{1}, Port{65535}};
    PermissionRule none;
    none.externalPorts = none.internalPorts = {Port{0}, Port{65535}};
    config.permissions = {only, none};
    PortMapper narrow{Policy{config},
                      {firewall, record, [](const MappingKey&) { return false; },
                       [] { return std::optional<Seconds>{}; }}};
    EXPECT_EQ(narrow.requestAny(requestOf(kAlice, tcp(5000)), kLan, t0), Port{5000});
    EXPECT_EQ(narrow.requestAny(requestOf(kBob, tcp(5000)), kLan, t0), Port{5001});
    auto third = requestOf(kAlice, tcp(5001));
    EXPECT_EQ(narrow.requestAny(third, kLan, t0).error(), MappingError::TableFull);
}

TEST_F(PortMapperTest,
       EndsTheOwnMappingsOfARangeAtOnce) {  // IGD-DeleteRange-01, -03 to -06, -08, -09
    for (const std::uint16_t port : std::array<std::uint16_t, 3>{5000, 5001, 5005})
        ASSERT_TRUE(ask(requestOf(kAlice, tcp(port))));
    ASSERT_TRUE(ask(requestOf(kBob, tcp(5002))));
    ASSERT_TRUE(ask(requestOf(kAlice, udp(5001))));
    const auto end = [&](std::uint16_t from, std::uint16_t to, bool manage = false) {
        return mapper.releaseRange({Protocol::Tcp, {Port{from}, Port{to}}, manage, kAlice}, kLan,
                                   t0);
    };
    const auto id = mapper.updateId();
    ASSERT_TRUE(end(5000, 5004, true));
    EXPECT_THAT(firewall.rules, ElementsAre(Key(tcp(5002)), Key(tcp(5005)), Key(udp(5001))));
    EXPECT_EQ(mapper.updateId(), id + 1);  // IGD-Index-08
    EXPECT_EQ(end(5002, 5002).error(), MappingError::NotAuthorized);
    EXPECT_EQ(end(6000, 7000).error(), MappingError::NotFound);
    EXPECT_EQ(end(80, 7000).error(), MappingError::NotAuthorized);
    EXPECT_EQ(mapper.updateId(), id + 1);  // IGD-Access-14
    EXPECT_TRUE(end(5005, 5005));
}

TEST_F(PortMapperTest, ListsARangeByPort) {  // IGD-GetList-04 to -08
    for (const std::uint16_t port : std::array<std::uint16_t, 2>{5005, 5001})
        ASSERT_TRUE(ask(requestOf(kAlice, tcp(port))));
    ASSERT_TRUE(ask(requestOf(kBob, tcp(5002))));
    const auto list = [&](std::uint16_t from, std::uint16_t to, std::size_t limit) {
        return mapper.list({Protocol::Tcp, {Port{from}, Port{to}}, true, kAlice}, limit, t0);
    };
    EXPECT_EQ(list(5000, 6000, 9)->size(), 2U);
    EXPECT_EQ(list(5000, 6000, 1)->front().key, tcp(5001));
    EXPECT_EQ(list(5002, 5004, 9).error(), MappingError::NotFound);
}

TEST_F(PortMapperTest, CountsChangesButNotRenewals) {  // IGD-Index-07, -09
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(5000))));
    EXPECT_EQ(mapper.updateId(), 1U);
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(5000), 7200s)));
    EXPECT_EQ(mapper.updateId(), 1U);
    auto changed = requestOf(kAlice, tcp(5000));
    changed.internal.port = Port{5001};
    ASSERT_TRUE(ask(changed));
    EXPECT_EQ(mapper.updateId(), 2U);
    ASSERT_TRUE(mapper.expire(t0 + 7200s));
    EXPECT_EQ(mapper.updateId(), 3U);
}

TEST_F(PortMapperTest, KeepsTheAdministratorsMappings) {  // IGD-DeletePortMapping-09
    Mapping fixed = mappingOf(kAlice, tcp(5000));
    fixed.origin = Origin::Static;
    ASSERT_TRUE(mapper.restore(std::array{fixed}, t0));
    EXPECT_EQ(release(tcp(5000), kAlice).error(), MappingError::NotAuthorized);
    EXPECT_EQ(ask(requestOf(kAlice, tcp(5000))).error(), MappingError::Conflict);
    EXPECT_EQ(mapper.releaseRange({Protocol::Tcp, {Port{5000}, Port{5000}}, true, kAlice}, kLan, t0)
                  .error(),
              MappingError::NotAuthorized);
    ASSERT_TRUE(mapper.clear(t0));
    EXPECT_EQ(mapper.at(0, t0)->remainingLease, 0s);
}

TEST_F(PortMapperTest, KeepsLeasesWithinTheirBounds) {
    PolicyConfig config;
    config.minLease = 120s;
    config.maxLease = 3600s;
    PortMapper bounded{Policy{config},
                       {firewall, record, [](const MappingKey&) { return false; },
                        [] { return std::optional<Seconds>{}; }}};
    ASSERT_TRUE(bounded.request(requestOf(kAlice, tcp(5000), 1s), kLan, t0));
    EXPECT_EQ(bounded.at(0, t0)->remainingLease, 120s);
    ASSERT_TRUE(bounded.request(requestOf(kAlice, tcp(5000), 7200s), kLan, t0));  // IGD-Lease-04
    EXPECT_EQ(bounded.at(0, t0)->remainingLease, 3600s);
}

TEST_F(PortMapperTest, HidesTheMappingsOfOthersWhereThatIsWished) {  // IGD-Access-11, -12
    PolicyConfig config;
    config.listAll = false;
    PortMapper strict{Policy{config},
                      {firewall, record, [](const MappingKey&) { return false; },
                       [] { return std::optional<Seconds>{}; }}};
    ASSERT_TRUE(strict.request(requestOf(kBob, tcp(5000)), kLan, t0));
    EXPECT_EQ(strict.at(0, kAlice, t0).error(), MappingError::NotAuthorized);
    EXPECT_EQ(strict.find(tcp(5000), kAlice, t0).error(),
              MappingError::NotAuthorized);  // IGD-GetSpecific-06
    EXPECT_TRUE(strict.at(0, kBob, t0));
    ASSERT_TRUE(ask(requestOf(kBob, tcp(5000))));
    EXPECT_TRUE(mapper.at(0, kAlice, t0));
}

}  // namespace
}  // namespace igd
