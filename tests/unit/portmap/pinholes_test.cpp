// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/pinholes.h"

#include "samples.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <set>

namespace igd {
namespace {

using namespace std::chrono_literals;

class FakePinholeFirewall final : public PinholeFirewall {
public:
    Result<void> apply(const PinholeDelta& delta) override {
        if (broken) return fail(MappingError::Backend);
        for (const PinholeRule& rule : delta.remove) EXPECT_EQ(rules.erase(rule.key), 1U);
        for (const PinholeRule& rule : delta.add) EXPECT_TRUE(rules.insert(rule.key).second);
        return {};
    }
    Result<void> replaceAll(std::span<const PinholeRule> all) override {
        rules.clear();
        for (const PinholeRule& rule : all) rules.insert(rule.key);
        broken = damaged = false;
        return {};
    }
    Result<std::uint64_t> packets(const PinholeRule&) override { return std::uint64_t{3}; }
    Result<void> removeAll() override { return {}; }
    [[nodiscard]] std::optional<std::string> damage() override {
        return damaged ? std::optional<std::string>{"gone"} : std::nullopt;
    }
    [[nodiscard]] bool looksTouched() override { return false; }

    std::set<PinholeKey> rules;
    bool broken = false;
    bool damaged = false;
};

Ipv6Address six(const char* text) {
    return *parseIpv6Address(text);
}

const Ipv6Address kAlice6 = six("2001:db8::10");
const Ipv6Address kBob6 = six("2001:db8::20");
const MacAddress kAlicesMac{{2, 0, 0, 0, 0, 1}};

Lan lan6() {
    Lan lan = kLan;
    lan.addresses6 = {{six("2001:db8::1"), 64}};
    return lan;
}

PinholeRequest pinhole(const Ipv6Address& client, std::uint16_t port, Seconds lease = 3600s) {
    return {{std::nullopt, std::nullopt, client, Port{port}, Protocol::Udp}, lease, client};
}

std::size_t endedOf(const PolicyChange& change) {
    return change.ended;
}

class PinholesTest : public testing::Test {
protected:
    static std::optional<MacAddress> macOf(const InterfaceName&, const IpAddress& host) {
        return host == IpAddress{kAlice6} || host == IpAddress{kAlice} ? std::optional{kAlicesMac}
                                                                       : std::nullopt;
    }
    static PolicyConfig config() {
        PolicyConfig config;
        config.mappingsPerClient = 2;
        return config;
    }
    Result<PinholeId> ask(const PinholeRequest& request, TimePoint now = t0) {
        return pinholes.request(request, lan6(), now);
    }

    FakePinholeFirewall firewall;
    Pinholes pinholes{Policy{config(), macOf}, firewall};
};

TEST_F(PinholesTest, AreTheSameWhenAskedForAgain) {  // IGD-6FC-07, -08
    const auto first = ask(pinhole(kAlice6, 5000));
    EXPECT_EQ(ask(pinhole(kAlice6, 5000, 60s)), first);
    EXPECT_EQ(pinholes.nextExpiry(), t0 + 60s);
    EXPECT_NE(ask(pinhole(kAlice6, 5001)), first);
    EXPECT_EQ(firewall.rules.size(), 2U);
}

TEST_F(PinholesTest, AreForTheHostThatAsks) {  // IGD-6FC-17 to -21
    auto foreign = pinhole(kBob6, 5000);
    foreign.requester = kAlice6;
    EXPECT_EQ(ask(foreign).error(), MappingError::NotAuthorized);
    auto overIpv4 = pinhole(kAlice6, 5000);
    overIpv4.requester = kAlice;
    EXPECT_TRUE(ask(overIpv4));
    overIpv4.requester = kBob;
    EXPECT_EQ(ask(overIpv4).error(), MappingError::NotAuthorized);
    EXPECT_EQ(ask(pinhole(kAlice6, 1023)).error(), MappingError::NotAuthorized);
    EXPECT_TRUE(ask(pinhole(kAlice6, 1024)));
    for (const char* client :
         {"2001:db8::1", "2001:db8:1::5", "fe80::1", "ff02::1", "::1", "::", "::ffff:1.2.3.4"})
        EXPECT_EQ(ask(pinhole(six(client), 5000)).error(), MappingError::NotAuthorized) << client;
}

TEST_F(PinholesTest, EndWithTheLeaveToAskForOthers) {
    PolicyConfig open = config();
    open.allowThirdParty = true;
    const auto change = [&](const PolicyConfig& config, const Lans& lans = {{lan6()}, true}) {
        return pinholes.changePolicy(Policy{config, macOf}, lans, t0).map(&endedOf);
    };
    ASSERT_TRUE(change(open));
    auto foreign = pinhole(kBob6, 5000);
    foreign.requester = kAlice;
    auto overIpv4 = pinhole(kAlice6, 5000);
    overIpv4.requester = kAlice;
    auto shared = pinhole(kBob6, 5001);
    ASSERT_TRUE(ask(foreign) && ask(overIpv4) && ask(shared));
    shared.requester = kAlice;
    ASSERT_TRUE(ask(shared)) << "renewed for a host that has it already";
    EXPECT_EQ(change(open), 0U);
    EXPECT_EQ(change(config(), Lans{}), 1U) << "also before its prefix is there";
    EXPECT_EQ(firewall.rules, (std::set<PinholeKey>{overIpv4.key, shared.key}));
}

TEST_F(PinholesTest, AreTheClientsOwnOnceItHasKeptThem) {
    PolicyConfig open = config();
    open.allowThirdParty = true;
    ASSERT_TRUE(pinholes.changePolicy(Policy{open, macOf}, {{lan6()}, true}, t0));
    auto foreign = pinhole(kBob6, 5000);
    foreign.requester = kAlice6;
    ASSERT_TRUE(pinholes.update(ask(foreign).value(), 60s, kBob6, lan6(), t0));
    EXPECT_EQ(pinholes.changePolicy(Policy{config(), macOf}, {{lan6()}, true}, t0).map(&endedOf),
              0U);
}

TEST_F(PinholesTest, EndWithTheLeaveToUseThirdParty) {
    PolicyConfig open = config();
    open.pcpThirdParties = {{kAlice6, 128}};
    const auto change = [&](const PolicyConfig& config, const Lans& lans = {{lan6()}, true}) {
        return pinholes.changePolicy(Policy{config, macOf}, lans, t0).map(&endedOf);
    };
    const auto map = [&](std::uint16_t port, const Ipv6Address& requester) {
        PortRequest request;
        request.protocol = Protocol::Tcp;
        request.client = kBob6;
        request.requester = requester;
        request.internalPort = Port{port};
        request.lifetime = 3600s;
        request.origin = Origin::Pcp;
        request.nonce = Nonce{1};
        return pinholes.map(request, lan6(), t0).has_value();
    };
    ASSERT_TRUE(change(open));
    ASSERT_TRUE(map(5000, kAlice6) && map(5001, kAlice6) && map(5001, kBob6) && map(5001, kAlice6));
    EXPECT_EQ(change(open), 0U);
    EXPECT_EQ(change(config(), Lans{}), 1U);
    ASSERT_EQ(pinholes.mapped().size(), 1U);
    EXPECT_EQ(pinholes.mapped().front().port, Port{5001});
}

TEST_F(PinholesTest, HaveAnEnd) {  // IGD-6FC-24, -25
    const auto id = ask(pinhole(kAlice6, 5000, 100s)).value();
    ASSERT_TRUE(pinholes.update(id, 10s, kAlice6, lan6(), t0));
    ASSERT_TRUE(pinholes.expire(t0 + 9s));
    EXPECT_EQ(pinholes.size(), 1U);
    ASSERT_TRUE(pinholes.expire(t0 + 10s));
    EXPECT_TRUE(firewall.rules.empty());
    EXPECT_EQ(pinholes.packets(id, kAlice6, lan6(), t0 + 10s).error(), MappingError::NotFound);
    EXPECT_FALSE(pinholes.nextExpiry());
}

TEST_F(PinholesTest, DoNotTakeANumberAgainAtOnce) {  // IGD-6FC-25
    const auto first = ask(pinhole(kAlice6, 5000)).value();
    ASSERT_TRUE(pinholes.release(first, kAlice6, lan6(), t0));
    for (int i = 0; i < 0x10000 - 1; ++i) {
        const auto id = ask(pinhole(kAlice6, 5000), t0 + 1s).value();
        ASSERT_NE(id, first);
        ASSERT_TRUE(pinholes.release(id, kAlice6, lan6(), t0 - 60s));  // and these rest no more
    }
    EXPECT_TRUE(ask(pinhole(kAlice6, 5000), t0 + 60s));
}

TEST_F(PinholesTest, BelongToTheirHost) {  // IGD-6FC-22, -23
    const auto id = ask(pinhole(kAlice6, 5000)).value();
    EXPECT_EQ(pinholes.release(id, kBob6, lan6(), t0).error(), MappingError::NotAuthorized);
    EXPECT_EQ(pinholes.update(id, 1s, kBob6, lan6(), t0).error(), MappingError::NotAuthorized);
    EXPECT_EQ(pinholes.packets(id, kBob6, lan6(), t0).error(), MappingError::NotAuthorized);
    EXPECT_EQ(pinholes.packets(id, kAlice, lan6(), t0), 3U);
    EXPECT_EQ(pinholes.release(4711, kAlice6, lan6(), t0).error(), MappingError::NotFound);
    EXPECT_TRUE(pinholes.release(id, kAlice6, lan6(), t0));
}

TEST_F(PinholesTest, AreCounted) {  // IGD-6FC-28
    EXPECT_TRUE(ask(pinhole(kAlice6, 5000)));
    EXPECT_TRUE(ask(pinhole(kAlice6, 5001)));
    EXPECT_EQ(ask(pinhole(kAlice6, 5002)).error(), MappingError::QuotaExceeded);
    EXPECT_TRUE(ask(pinhole(kAlice6, 5001)));
}

/// Each answer costs the engine something, and a host has as many addresses as it likes
/// (PCP-Spoof-06).
TEST_F(PinholesTest, AskOnceForTheHostOfEach) {
    constexpr std::uint16_t kMany = 60;
    std::size_t asked = 0;
    bool forgotten = false;
    const auto mac = [&](const InterfaceName&, const IpAddress& host) -> std::optional<MacAddress> {
        ++asked;
        if (forgotten && host != IpAddress{kAlice6}) return std::nullopt;
        return kAlicesMac;
    };
    PolicyConfig config;
    config.mappingsPerClient = kMany;
    Pinholes many{Policy{config, mac}, firewall};
    const auto own = [](std::uint16_t i) {
        return six(fmt::format("2001:db8::a:{:x}", i).c_str());
    };
    for (std::uint16_t i = 1; i <= kMany; ++i) {
        asked = 0;
        ASSERT_TRUE(many.request(pinhole(own(i), 5000), lan6(), t0));
        EXPECT_LE(asked, 2U) << i;
    }
    EXPECT_FALSE(many.request(pinhole(kAlice6, 5000), lan6(), t0));
    forgotten = true;
    EXPECT_EQ(many.request(pinhole(kAlice6, 5000), lan6(), t0).error(), MappingError::QuotaExceeded)
        << "addresses that have fallen silent still count";
}

TEST_F(PinholesTest, LeaveNothingBehindWhenTheFirewallRefuses) {
    firewall.broken = true;
    EXPECT_EQ(ask(pinhole(kAlice6, 5000)).error(), MappingError::Backend);
    EXPECT_EQ(pinholes.size(), 0U);
    firewall.damaged = true;  // and now it can be mended
    EXPECT_TRUE(ask(pinhole(kAlice6, 5000)));
}

TEST_F(PinholesTest, ObeyANewPolicyEvenIfTheFirewallKeepsWhatItForbids) {
    ASSERT_TRUE(ask(pinhole(kAlice6, 5000)));
    Lans lans{{lan6()}, true};
    lans.present.front().addresses6 = {{kAlice6, 64}};  // it is the router's own now
    PolicyConfig none;
    none.mappingsPerClient = 0;
    firewall.broken = true;
    EXPECT_FALSE(pinholes.changePolicy(Policy{none}, lans, t0));
    EXPECT_EQ(pinholes.size(), 1U);
    firewall.broken = false;
    EXPECT_EQ(ask(pinhole(kBob6, 5000)).error(), MappingError::QuotaExceeded);
}

TEST_F(PinholesTest, EndWithTheirPrefix) {  // IGD-6FC-31
    ASSERT_TRUE(ask(pinhole(kAlice6, 5000)));
    const Ipv6Prefix other{six("2001:db8:1::1"), 64};
    ASSERT_TRUE(pinholes.keepWithin(std::array{other, lan6().addresses6.front()}, t0));
    EXPECT_EQ(pinholes.size(), 1U);
    ASSERT_TRUE(pinholes.keepWithin(std::array{other}, t0));
    EXPECT_TRUE(firewall.rules.empty());
}

}  // namespace
}  // namespace igd
