// SPDX-License-Identifier: GPL-2.0-or-later
// nft's JSON into the model: tables, chains, rules, sets.
#include "nft_rule.h"

#include "upnpd/inspect/ruleset.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace igd::inspect {
namespace {

using Texts = std::map<std::string, std::string>;  ///< of rules, by "family table chain handle"

bool isConcerned(const Json& item) {
    const std::string family = item.value("family", "");
    return family == "ip" || family == "inet" || family == "netdev";
}

std::string tableOf(const Json& item) {
    return item.value("family", "") + " " + item.value("table", "");
}

std::optional<Hook> hookOf(const std::string& name) {
    constexpr std::array<std::pair<std::string_view, Hook>, 6> kHooks{
        {{"ingress", Hook::Ingress},
         {"prerouting", Hook::Prerouting},
         {"input", Hook::Input},
         {"forward", Hook::Forward},
         {"output", Hook::Output},
         {"postrouting", Hook::Postrouting}}};
    const auto found = std::ranges::find(kHooks, name, &std::pair<std::string_view, Hook>::first);
    return found == kHooks.end() ? std::nullopt : std::optional{found->second};
}

Chain chainOf(const Json& item) {
    Chain chain{tableOf(item) + " " + item.value("name", ""), std::nullopt, {}};
    if (const auto hook = hookOf(item.value("hook", "")))
        chain.base = Base{*hook, item.value("prio", 0), item.value("type", "") == "nat",
                          item.value("policy", "") == "drop"};
    return chain;
}

NftSets setsOf(const Json& items) {
    NftSets sets;
    for (const Json& item : items)
        for (const char* const kind : {"set", "map"}) {
            if (!item.contains(kind) || !isConcerned(item[kind])) continue;
            NftSet& set = sets[tableOf(item[kind]) + " " + item[kind].value("name", "")];
            for (const Json& element : item[kind].value("elem", Json::array())) {
                const bool pair = element.is_array() && element.size() == 2;
                set.elements.emplace_back(pair ? element[0] : element, pair ? element[1] : Json{});
            }
        }
    return sets;
}

/// `nft -a list ruleset`: a rule a line, its handle behind '#'.
Texts textsOf(std::string_view listing) {
    Texts texts;
    std::string table;
    std::string chain;
    while (!listing.empty()) {
        const auto end = std::min(listing.find('\n'), listing.size());
        const std::string_view line = trimmed(listing.substr(0, end));
        listing.remove_prefix(std::min(end + 1, listing.size()));
        const auto parts = words(line);
        if (parts.size() >= 3 && parts[0] == "table")
            table = fmt::format("{} {}", parts[1], parts[2]);
        if (parts.size() >= 2 && parts[0] == "chain") chain = parts[1];
        const auto mark = line.rfind(" # handle ");
        if (mark != std::string_view::npos && !line.substr(0, mark).ends_with('{'))
            texts[fmt::format("{} {} {}", table, chain, line.substr(mark + 10))] =
                line.substr(0, mark);
    }
    return texts;
}

void addRule(Ruleset& ruleset, const Json& item, const NftSets& sets, const Texts& texts) {
    const std::string chainName = tableOf(item) + " " + item.value("chain", "");
    const auto chain = ruleset.chains.find(chainName);
    if (chain == ruleset.chains.end()) return;
    Rule rule;
    rule.steps = nftSteps(item.value("expr", Json::array()), tableOf(item), sets);
    rule.place = fmt::format("rule {}", chain->second.rules.size() + 1);
    const auto text = texts.find(fmt::format("{} {}", chainName, item.value("handle", 0)));
    rule.text = text != texts.end() ? text->second : item.value("expr", Json::array()).dump();
    chain->second.rules.push_back(std::move(rule));
}

/// nft nests a handful of levels; what is read here is read recursively.
bool isTooDeep(std::string_view json) {
    constexpr int kDeepest = 64;
    int depth = 0;
    bool text = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (json[i] == '\\' && text)
            ++i;
        else if (json[i] == '"')
            text = !text;
        else if (!text && (json[i] == '{' || json[i] == '['))
            ++depth;
        else if (!text && (json[i] == '}' || json[i] == ']'))
            --depth;
        if (depth > kDeepest) return true;
    }
    return false;
}

}  // namespace

tl::expected<Ruleset, std::string> Ruleset::fromNft(std::string_view json,
                                                    std::string_view text) try {
    if (isTooDeep(json)) return tl::unexpected<std::string>("the ruleset is nested too deeply");
    const Json document = Json::parse(json);
    const Json& items = document.at("nftables");
    const NftSets sets = setsOf(items);
    const Texts texts = textsOf(text);
    Ruleset ruleset;
    for (const Json& item : items)
        if (item.contains("chain") && isConcerned(item["chain"])) {
            Chain chain = chainOf(item["chain"]);
            ruleset.chains.insert_or_assign(chain.name, std::move(chain));
        }
    for (const Json& item : items)
        if (item.contains("rule") && isConcerned(item["rule"]))
            addRule(ruleset, item["rule"], sets, texts);
    return ruleset;
} catch (const Json::exception& error) {
    return tl::unexpected(fmt::format("the ruleset is not as nft writes it: {}", error.what()));
}

}  // namespace igd::inspect
