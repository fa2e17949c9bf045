// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_mapper_fixture.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;

TEST_F(PortMapperTest, PutsTheRuleIntoTheKernelBeforeItSaysYes) {  // IGD-AddPortMapping-01
    ASSERT_TRUE(ask(requestOf(kAlice, udp(3074), 60s)));
    ASSERT_EQ(firewall.rules.size(), 1U);
    const Rule& rule = firewall.rules.at(udp(3074));
    EXPECT_EQ(rule.internal, (Endpoint{kAlice, Port{3074}}));
    EXPECT_GE(*rule.timeout, 60s);
    EXPECT_THAT(record.stored, ElementsAre(udp(3074)));
}

TEST_F(PortMapperTest, ChangesNothingWhenTheFirewallRefuses) {  // IGD-AddPortMapping-18, IGD-Map-07
    ASSERT_TRUE(ask(requestOf(kAlice, udp(3074))));
    const auto before = mapper.all();
    firewall.broken = true;
    MappingRequest moved = requestOf(kAlice, udp(3074));
    moved.internal.port = Port{4000};
    EXPECT_EQ(errorOf(ask(moved)), MappingError::Backend);
    EXPECT_EQ(errorOf(ask(requestOf(kAlice, udp(3075)))), MappingError::Backend);
    EXPECT_EQ(errorOf(release(udp(3074), kAlice)), MappingError::Backend);
    EXPECT_EQ(mapper.all(), before);
    EXPECT_THAT(record.ended, IsEmpty());
}

TEST_F(PortMapperTest,
       TakesARepeatByTheSameClientAsARenewal) {  // IGD-Map-01, IGD-AddPortMapping-04
    ASSERT_TRUE(ask(requestOf(kAlice, udp(3074), 60s)));
    ASSERT_TRUE(ask(requestOf(kAlice, udp(3074), 100s), t0 + 50s));
    EXPECT_EQ(mapper.size(), 1U);
    EXPECT_EQ(mapper.find(udp(3074), t0 + 50s)->remainingLease, 100s);
}

TEST_F(PortMapperTest, LetsALeaseBecomeShorter) {  // IGD-Lease-08
    ASSERT_TRUE(ask(requestOf(kAlice, udp(3074), 600s)));
    ASSERT_TRUE(ask(requestOf(kAlice, udp(3074), 10s)));
    EXPECT_EQ(mapper.find(udp(3074), t0)->remainingLease, 10s);
}

TEST_F(PortMapperTest, RefusesAPortThatAnotherClientHolds) {  // IGD-Map-02, IGD-AddPortMapping-05
    ASSERT_TRUE(ask(requestOf(kAlice, udp(3074))));
    const auto before = mapper.all();
    EXPECT_EQ(errorOf(ask(requestOf(kBob, udp(3074)))), MappingError::Conflict);
    EXPECT_EQ(mapper.all(), before);
    EXPECT_EQ(firewall.rules.at(udp(3074)).internal.address, kAlice);
}

TEST_F(PortMapperTest, KeepsProtocolsApart) {  // IGD-Map-03
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(5000))));
    EXPECT_TRUE(ask(requestOf(kBob, udp(5000))));
}

TEST_F(PortMapperTest, RefusesASecondRemoteHostForOnePort) {  // IGD-Map-04, IGD-Map-05
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(5000))));
    MappingRequest other = requestOf(kAlice, tcp(5000));
    other.remoteHost = address("80.100.100.9");
    EXPECT_EQ(errorOf(ask(other)), MappingError::Conflict);
}

TEST_F(PortMapperTest, RefusesAPortOfTheRouterItself) {  // IGD-Map-14
    routersOwn = tcp(8022);
    EXPECT_EQ(errorOf(ask(requestOf(kAlice, tcp(8022)))), MappingError::PortInUse);
    EXPECT_THAT(firewall.rules, IsEmpty());
}

TEST_F(PortMapperTest, ListsADisabledMappingButForwardsNothing) {  // IGD-Map-08, -09
    MappingRequest request = requestOf(kAlice, udp(3074));
    request.enabled = false;
    ASSERT_TRUE(ask(request));
    EXPECT_EQ(mapper.size(), 1U);
    EXPECT_THAT(firewall.rules, IsEmpty());
    request.enabled = true;
    ASSERT_TRUE(ask(request));
    EXPECT_THAT(firewall.rules, ElementsAre(Key(udp(3074))));
}

TEST_F(PortMapperTest, EndsALeaseInTableAndKernel) {  // IGD-Lease-05
    ASSERT_TRUE(ask(requestOf(kAlice, udp(3074), 60s)));
    EXPECT_EQ(mapper.nextExpiry(), t0 + 60s);
    ASSERT_TRUE(mapper.expire(t0 + 59s));
    EXPECT_EQ(mapper.size(), 1U);
    ASSERT_TRUE(mapper.expire(t0 + 60s));
    EXPECT_EQ(mapper.size(), 0U);
    EXPECT_THAT(firewall.rules, IsEmpty());
    EXPECT_THAT(record.ended, ElementsAre(udp(3074)));
}

TEST_F(PortMapperTest, KeepsALeaseThatTheFirewallDidNotEnd) {
    ASSERT_TRUE(ask(requestOf(kAlice, udp(3074), 60s)));
    firewall.broken = true;
    EXPECT_EQ(errorOf(mapper.expire(t0 + 60s)), MappingError::Backend);
    EXPECT_EQ(mapper.size(), 1U);
}

TEST_F(PortMapperTest, NeverReadsZeroForALeaseThatRuns) {  // IGD-Lease-07
    ASSERT_TRUE(ask(requestOf(kAlice, udp(3074), 60s)));
    EXPECT_EQ(mapper.find(udp(3074), t0 + 59900ms)->remainingLease, 1s);
    EXPECT_EQ(mapper.find(udp(3074), t0 + 61s)->remainingLease, 1s);
}

TEST_F(PortMapperTest, GivesTheConfiguredLeaseToWhoAsksForNone) {  // IGD-Lease-02
    ASSERT_TRUE(ask(requestOf(kAlice, udp(1111), 0s)));
    EXPECT_EQ(mapper.find(udp(1111), t0)->remainingLease, 0s);
    defaultLease = 86400s;
    ASSERT_TRUE(ask(requestOf(kAlice, udp(2222), 0s)));
    EXPECT_EQ(mapper.find(udp(2222), t0)->remainingLease, 86400s);
}

TEST_F(PortMapperTest, CapsLeases) {  // IGD-Quirk-14
    ASSERT_TRUE(ask(requestOf(kAlice, udp(3074), 4294967295s)));
    EXPECT_EQ(mapper.find(udp(3074), t0)->remainingLease, 604800s);
}

TEST_F(PortMapperTest,
       DeletesOnlyForTheOwnerAndOnlyTheExactKey) {  // IGD-DeletePortMapping-01 to -05
    MappingRequest request = requestOf(kAlice, tcp(5000));
    request.remoteHost = address("80.100.100.9");
    ASSERT_TRUE(ask(request));
    EXPECT_EQ(errorOf(release(tcp(5000), kAlice)), MappingError::NotFound);
    EXPECT_EQ(errorOf(release(udp(5000), kAlice)), MappingError::NotFound);
    EXPECT_EQ(errorOf(mapper.release({tcp(5000), request.remoteHost, kBob}, kLan, t0)),
              MappingError::NotAuthorized);
    EXPECT_EQ(mapper.size(), 1U);
    EXPECT_TRUE(mapper.release({tcp(5000), request.remoteHost, kAlice}, kLan, t0));
    EXPECT_THAT(firewall.rules, IsEmpty());
}

TEST_F(PortMapperTest, StopsAtTheQuotaButStillRenews) {  // IGD-Map-16
    PolicyConfig config;
    config.mappingsPerClient = 1;
    PortMapper small{
        Policy{config},
        {firewall, record, [](const MappingKey&) { return false; }, [] { return std::nullopt; }}};
    ASSERT_TRUE(small.request(requestOf(kAlice, tcp(5000)), kLan, t0));
    EXPECT_EQ(errorOf(small.request(requestOf(kAlice, tcp(5001)), kLan, t0)),
              MappingError::QuotaExceeded);
    EXPECT_TRUE(small.request(requestOf(kAlice, tcp(5000)), kLan, t0));
    EXPECT_TRUE(small.request(requestOf(kBob, tcp(5001)), kLan, t0));
}

TEST_F(PortMapperTest, RestoresWhatStillRunsInOneChange) {  // IGD-Map-20
    const std::vector<Mapping> saved{mappingOf(kAlice, tcp(1)), mappingOf(kBob, tcp(2), t0 + 60s),
                                     mappingOf(kBob, tcp(3), t0), mappingOf(kBob, tcp(1))};
    firewall.rules.insert_or_assign(tcp(99), Rule{});  // what a killed daemon left
    ASSERT_TRUE(mapper.restore(saved, t0));
    EXPECT_THAT(firewall.rules, ElementsAre(Key(tcp(1)), Key(tcp(2))));
    EXPECT_EQ(mapper.at(0, t0)->internal.address, kAlice);
    EXPECT_EQ(mapper.at(1, t0)->remainingLease, 60s);
    EXPECT_EQ(mapper.at(2, t0).error(), MappingError::IndexOutOfRange);
}

std::vector<AskedMapping> together(std::vector<MappingRequest> requests) {
    std::vector<AskedMapping> asked;
    asked.reserve(requests.size());
    for (MappingRequest& request : requests) asked.push_back({std::move(request), kLan});
    return asked;
}

TEST_F(PortMapperTest, CarriesOutWhatWaitsTogetherInOneChange) {
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(5001), 60s)));
    const auto results =
        mapper.requestAll(together({requestOf(kAlice, tcp(5001), 100s), requestOf(kBob, tcp(5001)),
                                    requestOf(kBob, tcp(5002)), requestOf(kAlice, tcp(22)),
                                    requestOf(kAlice, tcp(5003))}),
                          t0);
    EXPECT_TRUE(results[0] && results[2] && results[4]) << "granted";
    EXPECT_EQ(errorOf(results[1]), MappingError::Conflict);
    EXPECT_EQ(errorOf(results[3]), MappingError::NotAuthorized);
    EXPECT_THAT(firewall.rules, ElementsAre(Key(tcp(5001)), Key(tcp(5002)), Key(tcp(5003))));
    EXPECT_LE(firewall.changes, 1 + 2)
        << "one for those before the port that is asked for again, one for the rest";
    EXPECT_EQ(mapper.at(0, t0)->remainingLease, 100s);
    EXPECT_EQ(mapper.at(2, t0)->key, tcp(5003));
    EXPECT_EQ(record.stored.size(), 4U);
}

TEST_F(PortMapperTest, JudgesEachAsIfThoseBeforeItWereGranted) {
    PolicyConfig config;
    config.mappingsPerClient = 2;
    PortMapper small{
        Policy{config},
        {firewall, record, [](const MappingKey&) { return false; }, [] { return std::nullopt; }}};
    const auto results =
        small.requestAll(together({requestOf(kAlice, tcp(5000)), requestOf(kAlice, tcp(5001)),
                                   requestOf(kAlice, tcp(5002))}),
                         t0);
    EXPECT_TRUE(results[0] && results[1]);
    EXPECT_EQ(errorOf(results[2]), MappingError::QuotaExceeded);
    EXPECT_EQ(firewall.changes, 1);
}

TEST_F(PortMapperTest, TriesEachAloneWhenTheKernelRefusesThemTogether) {
    firewall.refused = tcp(5001);
    const auto results =
        mapper.requestAll(together({requestOf(kAlice, tcp(5000)), requestOf(kAlice, tcp(5001)),
                                    requestOf(kBob, tcp(5002))}),
                          t0);
    EXPECT_TRUE(results[0] && results[2]);
    EXPECT_EQ(errorOf(results[1]), MappingError::Backend);
    EXPECT_THAT(firewall.rules, ElementsAre(Key(tcp(5000)), Key(tcp(5002))));
    EXPECT_EQ(mapper.size(), 2U);
    EXPECT_THAT(record.stored, ElementsAre(tcp(5000), tcp(5002)));
}

TEST_F(PortMapperTest, LeavesTableAndOrderAsTheyWereWhenNoneIsTaken) {
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(5000), 60s)));
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(5001))));
    const auto before = mapper.all();
    firewall.broken = true;
    const auto results = mapper.requestAll(
        together({requestOf(kAlice, tcp(5000), 600s), requestOf(kBob, tcp(5002))}), t0);
    EXPECT_EQ(errorOf(results[0]), MappingError::Backend);
    EXPECT_EQ(errorOf(results[1]), MappingError::Backend);
    EXPECT_EQ(mapper.all(), before);
}

TEST_F(PortMapperTest, PutsTheRulesBackWithTheTimeThatIsLeft) {
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(5000), 100s)));
    ASSERT_TRUE(ask(requestOf(kBob, tcp(5001))));
    const auto before = mapper.all();
    firewall.rules.clear();
    ASSERT_TRUE(mapper.repair(t0 + 60s));
    EXPECT_THAT(firewall.rules, ElementsAre(Key(tcp(5000)), Key(tcp(5001))));
    EXPECT_LT(*firewall.rules.at(tcp(5000)).timeout, 60s);
    EXPECT_EQ(mapper.all(), before);
}

TEST_F(PortMapperTest, RepairsADamagedFirewallBeforeItRefusesARequest) {
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(5000))));
    firewall.rules.clear();
    firewall.damaged = true;
    EXPECT_TRUE(ask(requestOf(kBob, tcp(5001))));
    EXPECT_THAT(firewall.rules, ElementsAre(Key(tcp(5000)), Key(tcp(5001))));
    firewall.damaged = true;
    EXPECT_TRUE(release(tcp(5000), kAlice));
    EXPECT_THAT(firewall.rules, ElementsAre(Key(tcp(5001))));
    EXPECT_EQ(firewall.replacements, 2);
}

TEST_F(PortMapperTest, LaysNothingAnewForAFirewallThatIsWhole) {
    firewall.broken = true;
    EXPECT_EQ(errorOf(ask(requestOf(kAlice, tcp(5000)))), MappingError::Backend);
    EXPECT_EQ(firewall.replacements, 0);
}

TEST_F(PortMapperTest, ClearsEverything) {
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(5000))));
    ASSERT_TRUE(ask(requestOf(kBob, tcp(5001))));
    ASSERT_TRUE(mapper.clear(t0));
    EXPECT_EQ(mapper.size(), 0U);
    EXPECT_THAT(firewall.rules, IsEmpty());
    EXPECT_EQ(firewall.changes, 3);
}

}  // namespace
}  // namespace igd
