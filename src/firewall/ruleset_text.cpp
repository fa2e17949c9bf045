// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/firewall/ruleset_text.h"

#include "iptables/legacy_tables.h"
#include "nft/nft_context.h"
#include "program.h"

#include <algorithm>
#include <array>

namespace igd {
namespace {

/// iptables-nft writes some of its matches in a form that only it can read.
bool isManagedByIptables(const std::string& json) {
    return json.find(R"("xt")") != std::string::npos;
}

bool hasLegacyTables() {
    const firewall::LegacyTables tables;
    constexpr std::array kNames{"filter", "nat", "mangle", "raw", "security"};
    return std::ranges::any_of(kNames, [&](const char* name) { return tables.present(name); });
}

std::optional<std::string> save(const char* program, std::vector<std::string>& missing) {
    auto output = firewall::outputOf({program});
    if (!output)
        missing.push_back(std::string{program} + " cannot be run: its rules are not judged");
    return output;
}

}  // namespace

std::optional<RulesetText> readRulesets() {
    RulesetText texts;
    firewall::NftContext nft;
    const auto json = nft.listJson("ruleset", firewall::NftContext::Elements::With);
    if (!json && nft.error().find("not permitted") != std::string::npos) return std::nullopt;
    if (json) {
        texts.nftJson = *json;
        texts.nftText = nft.listText("ruleset").value_or("");
        if (isManagedByIptables(*json))
            texts.iptablesNft = save("iptables-nft-save", texts.missing);
    } else {
        texts.missing.push_back("nftables cannot be read: " + nft.error());
    }
    if (hasLegacyTables()) texts.legacy = save("iptables-legacy-save", texts.missing);
    return texts;
}

}  // namespace igd
