// SPDX-License-Identifier: GPL-2.0-or-later
// Ports that rules lead elsewhere, and ports that they may seem to.
#include "upnpd/inspect/forwards.h"

#include "rules.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace igd::inspect {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t kTcp = 6, kUdp = 17;

Step protocol(std::uint32_t number) {
    return is(Field::TransportProtocol, number);
}
Step dports(std::uint16_t first, std::uint16_t last) {
    return is(Field::DestinationPort, first, last);
}
Step anyOf(std::vector<Interval> ports, bool inverted = false) {
    return Membership{{{Field::DestinationPort}},
                      std::make_shared<const Set>(Set{1, std::move(ports)}),
                      inverted};
}
Interval ports(std::uint64_t first, std::uint64_t last) {
    return {wordOf(first), wordOf(last)};
}
Step dnat() {
    return Translation{.kind = Translating::Destination, .address = kClient.address};
}
Step setOfSomebody() {
    return Membership{{{Field::Source4}}, nullptr, false};
}

class Nat : public Rules {
public:
    ChainId prerouting(Lines lines) {
        return base("prerouting", {.hook = Hook::Prerouting, .priority = -100, .translates = true},
                    lines);
    }
    /// "tcp 80-90" for each forward.
    [[nodiscard]] std::vector<std::string> forwards(
        std::span<const Ipv4Address> addresses = kAddresses) const {
        std::vector<std::string> texts;
        const auto found = forwardsOf(rules, kWan, 2, addresses);
        for (const Forward& forward : found.value())
            texts.push_back(
                fmt::format("{} {}", lowerName(forward.protocol), toString(forward.ports)));
        return texts;
    }
    static inline const std::array kAddresses{std::get<Ipv4Address>(kExternal.address)};
};

TEST(Forwards, AreFoundByTheirPorts) {
    Nat nat;
    nat.prerouting(
        {{in("wan0"), protocol(kTcp), dport(80), dnat()},
         {address(Field::Destination4, "80.100.100.1"), protocol(kUdp), dports(5000, 5010), dnat()},
         {protocol(kTcp), anyOf({ports(443, 443), ports(8000, 8010)}), dnat()},
         {protocol(kTcp), dport(65535), Translation{.kind = Translating::Redirect}}});
    EXPECT_THAT(nat.forwards(),
                ElementsAre("tcp 80", "tcp 443", "tcp 8000-8010", "tcp 65535", "udp 5000-5010"));
}

TEST(Forwards, NameTheirRule) {
    Nat nat;
    const ChainId chain = nat.prerouting({{dport(81), accept()}, {dport(80), dnat()}});
    const auto found = forwardsOf(nat.rules, kWan, 2, {});
    EXPECT_THAT(found.value(),
                ElementsAre(Forward{Protocol::Tcp, {Port{80}, Port{80}}, {chain, 1}},
                            Forward{Protocol::Udp, {Port{80}, Port{80}}, {chain, 1}}));
}

TEST(Forwards, AreFoundThroughChains) {
    Nat nat;
    nat.chain("docker", {{in("docker0"), Verdict{Ending::Return}},
                         {protocol(kTcp), dport(8080), dnat()},
                         {protocol(kTcp), dport(8081), Verdict{Ending::Return}},
                         {protocol(kTcp), dports(8081, 8082), dnat()}});
    nat.prerouting({{is(Field::DestinationType, rtn::kLocal), nat.jump("docker")},
                    {protocol(kTcp), dport(8081), dnat()},
                    {protocol(kTcp), dport(8082), dnat()}});
    EXPECT_THAT(nat.forwards(), ElementsAre("tcp 8080", "tcp 8081", "tcp 8082"));
}

TEST(Forwards, OfAGotoDoNotComeBack) {
    Nat nat;
    const ChainId web = nat.chain("web", {{protocol(kTcp), dport(80), dnat()}});
    nat.prerouting({{protocol(kTcp), dports(80, 90), Verdict{Ending::Goto, web}}, {dnat()}});
    EXPECT_THAT(nat.forwards(), ElementsAre("tcp 1-79", "tcp 80", "tcp 91-65535", "udp 1-65535"));
}

TEST(Forwards, MayBeOfAllPortsButSome) {
    Nat nat;
    nat.prerouting({{protocol(kUdp), dport(53), accept()},
                    {protocol(kTcp), anyOf({ports(0, 1023)}, true), drop()},
                    {in("wan0"), dnat()}});
    EXPECT_THAT(nat.forwards(), ElementsAre("tcp 1-1023", "udp 1-52", "udp 54-65535"));
}

TEST(Forwards, OfLaterChainsAreSeenByWhatEarlierOnesAccept) {
    Nat nat;
    nat.prerouting({{protocol(kTcp), dport(80), accept()}, {protocol(kTcp), dport(81), drop()}});
    nat.base("late", {.hook = Hook::Prerouting, .priority = -90, .translates = true},
             {{protocol(kTcp), dports(80, 82), dnat()}});
    EXPECT_THAT(nat.forwards(), ElementsAre("tcp 80", "tcp 82"));
}

TEST(Forwards, OfOtherPacketsDoNotCount) {
    Nat nat;
    nat.prerouting({{in("lan0"), dport(53), Translation{.kind = Translating::Redirect}},
                    {address(Field::Destination4, "80.100.100.2"), dport(80), dnat()},
                    {address(Field::Source4, "80.100.100.9"), dport(80), dnat()}});
    EXPECT_THAT(nat.forwards(), IsEmpty());
}

TEST(Forwards, ToEachAddressOfTheRouterCount) {
    Nat nat;
    nat.prerouting(
        {{address(Field::Destination4, "80.100.100.2"), protocol(kTcp), dport(80), dnat()}});
    const std::array both{Nat::kAddresses[0], parseIpv4Address("80.100.100.2").value()};
    EXPECT_THAT(nat.forwards(), IsEmpty());
    EXPECT_THAT(nat.forwards(both), ElementsAre("tcp 80"));
}

TEST(Forwards, ThatAreNotCertainDoNotCount) {
    Nat nat;
    nat.prerouting({{dport(80), unknown(), dnat()},
                    {dport(81), setOfSomebody(), dnat()},
                    {dport(82), Verdict{Ending::Unknown}}});
    EXPECT_THAT(nat.forwards(), IsEmpty());
}

TEST(Forwards, BehindExceptionsForSomeSourcesCount) {
    Nat nat;
    nat.prerouting({{setOfSomebody(), accept()}, {protocol(kTcp), dport(80), dnat()}});
    EXPECT_THAT(nat.forwards(), ElementsAre("tcp 80"));
}

TEST(Forwards, AreFoundInMaps) {
    using Target = Translation::Target;
    Nat nat;
    const ChainId web = nat.chain("web", {{dnat()}});
    const Operand port{Field::DestinationPort};
    const Operand where{Field::Destination4};
    const Word here = wordOf(kExternal.address);
    nat.prerouting(
        {{protocol(kUdp),
          Translation{
              .kind = Translating::Destination,
              .map = std::make_shared<const Translation::Map>(Translation::Map{
                  {port},
                  std::make_shared<const Set>(Set{1, {ports(53, 53), ports(123, 123)}}),
                  std::make_shared<const std::vector<Target>>(2)})}},
         {protocol(kTcp),
          VerdictMap{
              {where, port},
              std::make_shared<const Set>(
                  Set{2, {{here, here}, ports(25, 25), {Word{}, Word{}}, ports(26, 26)}}),
              std::make_shared<const std::vector<Verdict>>(2, Verdict{Ending::Goto, web})}}});
    EXPECT_THAT(nat.forwards(), ElementsAre("tcp 25", "udp 53", "udp 123"));
}

TEST(Forwards, OfOursAreNone) {
    Nat nat;
    const ChainId own = nat.chain("UPNPD", {{dnat()}});
    nat.rules.chains[own].own = true;
    nat.prerouting({{nat.jump("UPNPD")}});
    EXPECT_THAT(nat.forwards(), IsEmpty());
}

TEST(Forwards, AreFoundAmongTwentyThousandRules) {
    Nat nat;
    const ChainId chain = nat.prerouting({});
    for (std::uint16_t i = 0; i < 20'000; ++i) {
        const std::array<Step, 3> steps{protocol(kTcp),
                                        dport(static_cast<std::uint16_t>(2 * i + 1)), dnat()};
        nat.rules.chains[chain].add(i, steps);
    }
    EXPECT_EQ(nat.forwards().size(), 20'000U);
}

TEST(Forwards, AreNotJudgedWhereChainsCallOneAnotherWithoutEnd) {
    Nat nat;
    for (int i = 0; i < 16; ++i) {
        const std::string next = fmt::format("chain{}", i + 1);
        nat.chain(fmt::format("chain{}", i),
                  {{nat.jump(next)}, {nat.jump(next)}, {nat.jump(next)}});
    }
    nat.prerouting({{nat.jump("chain0")}});
    EXPECT_FALSE(forwardsOf(nat.rules, kWan, 2, {}));
}

}  // namespace
}  // namespace igd::inspect
