// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign_forwards.h"

#include "names.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace igd::firewall {
namespace {

using inspect::Forward;
using inspect::IptablesKind;
using inspect::Ruleset;

bool isOurs(std::string_view chain) {
    constexpr std::string_view kLegacyNat = "legacy nat ";
    return chain.starts_with(fmt::format("{} ", kNftTable)) ||
           (chain.starts_with(kLegacyNat) && isOurLegacyChain(chain.substr(kLegacyNat.size())));
}

void complain(const std::string& reason) {
    log::warning("firewall: the host's own port forwards are not known: {}", reason);
}

void add(Ruleset& rules, const std::optional<std::string>& save, IptablesKind kind) {
    if (!save) return;
    if (const auto added = rules.addIptables(*save, kind); !added) complain(added.error());
}

/// Returns the nat chains of others in `texts`, with the texts of the rules out of `listing`.
Ruleset foreignNat(const RulesetText& texts, std::string_view listing) {
    Ruleset rules;
    if (!texts.nftJson.empty()) {
        auto read = Ruleset::fromNft(texts.nftJson, listing);
        if (read)
            rules = std::move(*read);
        else
            complain(read.error());
    }
    add(rules, texts.iptablesNft, IptablesKind::Nft);
    add(rules, texts.legacy, IptablesKind::Legacy);
    std::erase_if(rules.chains, [](const auto& entry) { return isOurs(entry.first); });
    return inspect::natOf(rules);
}

bool holdsRulesOfNft(const Ruleset& rules) {
    return std::ranges::any_of(rules.chains, [](const auto& entry) {
        return !entry.first.starts_with("legacy ") && !entry.second.rules.empty();
    });
}

/// Returns a text that is another one whenever the judgement may be.
std::string fingerprint(const Ruleset& rules, std::span<const Ipv4Address> addresses) {
    std::string text;
    for (const Ipv4Address address : addresses) text += toString(address) + "\n";
    for (const auto& [name, chain] : rules.chains) {
        text += fmt::format("{} {}\n", name, chain.base ? chain.base->priority : 0);
        for (const inspect::Rule& rule : chain.rules) text += rule.text + "\n";
    }
    return text;
}

}  // namespace

void ForeignForwards::judge(const RulesetText& texts, std::span<const Ipv4Address> addresses,
                            const Listing& listing) {
    Ruleset rules = foreignNat(texts, "");
    std::string now = fingerprint(rules, addresses);
    if (now == judged_) return;
    judged_ = std::move(now);
    if (holdsRulesOfNft(rules)) rules = foreignNat(texts, listing());
    auto forwards = inspect::forwardsOf(rules, external_, addresses);
    if (!forwards) complain("there are too many nat rules");
    forwards_ = std::move(forwards).value_or(std::vector<Forward>{});
    for (const Forward& forward : forwards_)
        log::info("firewall: {} {} of the external side is not ours to map: {}",
                  lowerName(forward.protocol), toString(forward.ports), forward.rule);
}

std::optional<std::string> ForeignForwards::find(Protocol protocol, Port port) const {
    const auto after = std::ranges::upper_bound(
        forwards_, std::tuple{protocol, port}, {}, [](const Forward& forward) {
            return std::tuple{forward.protocol, forward.ports.first};
        });
    if (after == forwards_.begin()) return std::nullopt;
    const Forward& candidate = *(after - 1);
    if (candidate.protocol != protocol || !candidate.ports.contains(port)) return std::nullopt;
    return candidate.rule;
}

}  // namespace igd::firewall
