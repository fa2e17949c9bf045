// SPDX-License-Identifier: GPL-2.0-or-later
#include "source_ports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::ctl {
namespace {

using inspect::Translating;
using testing::ElementsAre;
using testing::IsEmpty;

std::string in(std::string_view rule) {
    const auto ports = sourcePortsIn(rule);
    return ports ? toString(*ports) : "none";
}

TEST(SourcePorts, AreReadFromTheWordsOfEachTool) {
    EXPECT_EQ(in("oifname \"map0\" meta l4proto tcp masquerade to :4000-4015"), "4000-4015");
    EXPECT_EQ(in("ip protocol udp snat to 80.1.2.3:5000-5015"), "5000-5015");
    EXPECT_EQ(in("udp dport 53 snat ip to 80.1.2.3:5000-5015 random"), "5000-5015");
    EXPECT_EQ(in("-A POSTROUTING -o map0 -p tcp -j MASQUERADE --to-ports 4000-4015"), "4000-4015");
    EXPECT_EQ(in("-A POSTROUTING -p udp -j SNAT --to-source 80.1.2.3:4000-4015"), "4000-4015");
}

TEST(SourcePorts, AreNoneWhereARuleNamesNone) {
    for (const char* const rule :
         {"masquerade", "oifname \"wan0\" masquerade random", "snat to 80.1.2.3",
          "-A POSTROUTING -j SNAT --to-source 80.1.2.3", "-A POSTROUTING -j MASQUERADE", "snat to",
          "masquerade to :4015-4000"})
        EXPECT_EQ(in(rule), "none") << rule;
}

TEST(SourcePorts, AreThoseOfAllRulesThatTranslateSources) {
    inspect::Ruleset rules;
    const auto post = rules.idOf(inspect::Kind::Nft, "ip", "nat", "post");
    const auto add = [&](Translating kind) {
        const inspect::Step step = inspect::Translation{.kind = kind};
        rules.chains[post].add(1, {&step, 1});
    };
    for (const Translating kind :
         {Translating::Masquerade, Translating::Source, Translating::Destination})
        add(kind);
    Facts facts{InterfaceName::parse("map0").value()};
    EXPECT_THAT(sourcePorts(facts), IsEmpty()) << "the rules may not be read";
    facts.rules = std::make_shared<const inspect::Ruleset>(rules);
    facts.textOf = [](const inspect::Place& place) {
        return std::string{*place.rule == 0   ? "masquerade to :4016-4031"
                           : *place.rule == 1 ? "snat to 80.1.2.3:4000-4015"
                                              : "dnat to 10.0.0.1:9000-9001"};
    };
    EXPECT_THAT(sourcePorts(facts), ElementsAre(PortRange{Port{4000}, Port{4031}}));
}

}  // namespace
}  // namespace igd::ctl
