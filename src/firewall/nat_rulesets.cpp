// SPDX-License-Identifier: GPL-2.0-or-later
#include "nat_rulesets.h"

#include "program.h"

#include <string_view>

namespace igd::firewall {
namespace {

bool holdsNatOfIptables(std::string_view json) {
    return json.find(R"("family": "ip", "name": "nat")") != std::string_view::npos &&
           json.find(R"("xt")") != std::string_view::npos;
}

bool isLegacyNatUsed(const LegacyTables& legacy) {
    if (!legacy.present("nat")) return false;
    const auto table = LegacyTable::read("nat");
    return table && table->isUsed();
}

}  // namespace

RulesetText natRulesets(const LegacyTables& legacy, const std::optional<std::string>& ruleset) {
    RulesetText texts;
    texts.nftJson = ruleset.value_or("");
    if (holdsNatOfIptables(texts.nftJson))
        texts.iptablesNft = outputOf({"iptables-nft-save", "-t", "nat"});
    if (isLegacyNatUsed(legacy)) texts.legacy = outputOf({"iptables-legacy-save", "-t", "nat"});
    return texts;
}

}  // namespace igd::firewall
