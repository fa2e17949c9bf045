// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/port_mapper.h"

#include "samples.h"

#include <gmock/gmock.h>

#include <array>

#include <map>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;

/// A kernel that can refuse.
class FakeFirewall final : public FirewallBackend {
public:
    Result<void> apply(const RuleDelta& delta) override {
        if (broken || damaged) return fail(MappingError::Backend);
        if (std::ranges::any_of(delta.add, [&](const Rule& rule) { return rule.key == refused; }))
            return fail(MappingError::Backend);
        for (const Rule& rule : delta.remove) EXPECT_EQ(rules.erase(rule.key), 1U);
        for (const Rule& rule : delta.add) rules.insert_or_assign(rule.key, rule);
        ++changes;
        return {};
    }
    Result<void> replaceAll(std::span<const Rule> all) override {
        if (broken) return fail(MappingError::Backend);
        damaged = false;
        ++replacements;
        rules.clear();
        for (const Rule& rule : all) rules.insert_or_assign(rule.key, rule);
        return {};
    }
    Result<void> removeAll() override {
        rules.clear();
        return {};
    }
    [[nodiscard]] std::optional<std::string> damage() override {
        return damaged ? std::optional<std::string>{"gone"} : std::nullopt;
    }
    [[nodiscard]] bool looksTouched() override { return false; }
    Result<void> externalAddressChanged(std::optional<Ipv4Address>) override { return {}; }
    [[nodiscard]] std::string_view name() const override { return "fake"; }

    std::map<MappingKey, Rule> rules;
    bool broken = false;
    bool damaged = false;  ///< somebody took the rules out: no change is taken before replaceAll()
    int replacements = 0;
    std::optional<MappingKey> refused;  ///< the kernel takes no change with that rule
    int changes = 0;
};

struct Record final : MappingObserver {
    void mappingStored(const Mapping& mapping) override { stored.push_back(mapping.key); }
    void mappingEnded(const Mapping& mapping) override { ended.push_back(mapping.key); }
    std::vector<MappingKey> stored;
    std::vector<MappingKey> ended;
};

class PortMapperTest : public testing::Test {
protected:
    FakeFirewall firewall;
    Record record;
    std::optional<MappingKey> routersOwn;
    std::optional<Seconds> defaultLease;
    PortMapper mapper{Policy{{}},
                      {firewall, record, [this](const MappingKey& key) { return routersOwn == key; },
                       [this] { return defaultLease; }}};

    Result<void> ask(const MappingRequest& request, TimePoint now = t0) {
        return mapper.request(request, kLan, now);
    }
    Result<void> release(MappingKey key, Ipv4Address requester) {
        return mapper.release({key, std::nullopt, requester}, kLan, t0);
    }
    static MappingError errorOf(const Result<void>& result) { return result.error(); }
};

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

TEST_F(PortMapperTest, TakesARepeatByTheSameClientAsARenewal) {  // IGD-Map-01, IGD-AddPortMapping-04
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

TEST_F(PortMapperTest, DeletesOnlyForTheOwnerAndOnlyTheExactKey) {  // IGD-DeletePortMapping-01 to -05
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
    EXPECT_EQ(errorOf(small.request(requestOf(kAlice, tcp(5001)), kLan, t0)), MappingError::QuotaExceeded);
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
    for (MappingRequest& request : requests) asked.push_back({std::move(request), kLan});
    return asked;
}

TEST_F(PortMapperTest, CarriesOutWhatWaitsTogetherInOneChange) {
    ASSERT_TRUE(ask(requestOf(kAlice, tcp(5001), 60s)));
    const auto results = mapper.requestAll(
        together({requestOf(kAlice, tcp(5001), 100s), requestOf(kBob, tcp(5001)), requestOf(kBob, tcp(5002)),
                  requestOf(kAlice, tcp(22)), requestOf(kAlice, tcp(5003))}),
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
    const auto results = small.requestAll(
        together({requestOf(kAlice, tcp(5000)), requestOf(kAlice, tcp(5001)), requestOf(kAlice, tcp(5002))}),
        t0);
    EXPECT_TRUE(results[0] && results[1]);
    EXPECT_EQ(errorOf(results[2]), MappingError::QuotaExceeded);
    EXPECT_EQ(firewall.changes, 1);
}

TEST_F(PortMapperTest, TriesEachAloneWhenTheKernelRefusesThemTogether) {
    firewall.refused = tcp(5001);
    const auto results = mapper.requestAll(
        together({requestOf(kAlice, tcp(5000)), requestOf(kAlice, tcp(5001)), requestOf(kBob, tcp(5002))}),
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
    const auto results =
        mapper.requestAll(together({requestOf(kAlice, tcp(5000), 600s), requestOf(kBob, tcp(5002))}), t0);
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
    PortMapper narrow{
        Policy{config},
        {firewall, record, [](const MappingKey&) { return false; }, [] { return std::optional<Seconds>{}; }}};
    EXPECT_EQ(narrow.requestAny(requestOf(kAlice, tcp(5000)), kLan, t0), Port{5000});
    EXPECT_EQ(narrow.requestAny(requestOf(kBob, tcp(5000)), kLan, t0), Port{5001});
    auto third = requestOf(kAlice, tcp(5001));
    EXPECT_EQ(narrow.requestAny(third, kLan, t0).error(), MappingError::QuotaExceeded);
}

TEST_F(PortMapperTest, EndsTheOwnMappingsOfARangeAtOnce) {  // IGD-DeleteRange-01, -03 to -06, -08, -09
    for (const std::uint16_t port : std::array<std::uint16_t, 3>{5000, 5001, 5005})
        ASSERT_TRUE(ask(requestOf(kAlice, tcp(port))));
    ASSERT_TRUE(ask(requestOf(kBob, tcp(5002))));
    ASSERT_TRUE(ask(requestOf(kAlice, udp(5001))));
    const auto end = [&](std::uint16_t from, std::uint16_t to, bool manage = false) {
        return mapper.releaseRange({Protocol::Tcp, {Port{from}, Port{to}}, manage, kAlice}, kLan, t0);
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
    EXPECT_EQ(mapper.releaseRange({Protocol::Tcp, {Port{5000}, Port{5000}}, true, kAlice}, kLan, t0).error(),
              MappingError::NotAuthorized);
    ASSERT_TRUE(mapper.clear(t0));
    EXPECT_EQ(mapper.at(0, t0)->remainingLease, 0s);
}

TEST_F(PortMapperTest, KeepsLeasesWithinTheirBounds) {
    PolicyConfig config;
    config.minLease = 120s;
    config.maxLease = 3600s;
    PortMapper bounded{
        Policy{config},
        {firewall, record, [](const MappingKey&) { return false; }, [] { return std::optional<Seconds>{}; }}};
    ASSERT_TRUE(bounded.request(requestOf(kAlice, tcp(5000), 1s), kLan, t0));
    EXPECT_EQ(bounded.at(0, t0)->remainingLease, 120s);
    ASSERT_TRUE(bounded.request(requestOf(kAlice, tcp(5000), 7200s), kLan, t0));  // IGD-Lease-04
    EXPECT_EQ(bounded.at(0, t0)->remainingLease, 3600s);
}

TEST_F(PortMapperTest, HidesTheMappingsOfOthersWhereThatIsWished) {  // IGD-Access-11, -12
    PolicyConfig config;
    config.listAll = false;
    PortMapper strict{
        Policy{config},
        {firewall, record, [](const MappingKey&) { return false; }, [] { return std::optional<Seconds>{}; }}};
    ASSERT_TRUE(strict.request(requestOf(kBob, tcp(5000)), kLan, t0));
    EXPECT_EQ(strict.at(0, kAlice, t0).error(), MappingError::NotAuthorized);
    EXPECT_EQ(strict.find(tcp(5000), kAlice, t0).error(), MappingError::NotAuthorized);  // IGD-GetSpecific-06
    EXPECT_TRUE(strict.at(0, kBob, t0));
    ASSERT_TRUE(ask(requestOf(kBob, tcp(5000))));
    EXPECT_TRUE(mapper.at(0, kAlice, t0));
}

}  // namespace
}  // namespace igd
