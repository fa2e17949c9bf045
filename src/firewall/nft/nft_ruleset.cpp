// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_ruleset.h"

#include "names.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace igd::firewall {
namespace {

using Json = nlohmann::json;

bool isTable(const std::string& family, const std::string& table, std::string_view wanted) {
    return family + " " + table == wanted;
}

/// The statement of that name in `statement`, if it is one: {"drop": null}.
bool is(const Json& statement, const char* name) {
    return statement.is_object() && statement.contains(name);
}

bool isXt(const Json& statement, const std::string& type) {
    if (!is(statement, "xt")) return false;
    // Before nft 1.0.3 all that is said is {"xt": null}.
    const Json& what = statement["xt"];
    return !what.is_object() || what.value("type", "") == type;
}

bool looksAtInterface(const Json& left) {
    if (!left.contains("meta") || !left["meta"].is_object()) return false;
    const std::string key = left["meta"].value("key", "");
    return key == "iif" || key == "oif" || key == "iifname" || key == "oifname";
}

bool looksAtCt(const Json& left, const std::string& key) {
    return left.contains("ct") && left["ct"].is_object() && left["ct"].value("key", "") == key;
}

bool isGeneral(const Json& statement) {
    if (isXt(statement, "match")) return false;
    if (!is(statement, "match")) return true;
    const Json& left = statement["match"].value("left", Json::object());
    return left.is_object() && (looksAtInterface(left) || looksAtCt(left, "state"));
}

bool matchesDnat(const Json& statement) {
    if (!is(statement, "match")) return false;
    const Json& match = statement["match"];
    return match.value("op", "") != "!=" &&
           looksAtCt(match.value("left", Json::object()), "status") &&
           match.value("right", Json{}) == Json("dnat");
}

/// Whatever the bits: an earlier run may have been told others.
bool matchesMark(const Json& statement) {
    if (!is(statement, "match")) return false;
    const Json bits = statement["match"].value("right", Json{});
    const Json expected = {
        {"op", "=="}, {"left", {{"&", {{{"meta", {{"key", "mark"}}}}, bits}}}}, {"right", bits}};
    return bits.is_number_unsigned() && statement["match"] == expected;
}

template <class Predicate>
bool any(const Json& statements, Predicate predicate) {
    return std::any_of(statements.begin(), statements.end(), predicate);
}

template <class Predicate>
bool allMatches(const Json& statements, Predicate predicate) {
    return std::all_of(statements.begin(), statements.end(), [&](const Json& statement) {
        return (!is(statement, "match") && !isXt(statement, "match")) || predicate(statement);
    });
}

bool has(const Json& statements, const char* name) {
    return any(statements, [&](const Json& statement) { return is(statement, name); });
}

Verdict verdictOf(const Json& statements) {
    if (has(statements, "drop") || has(statements, "reject")) return Verdict::Drops;
    if (has(statements, "jump") || has(statements, "goto")) return Verdict::Leaves;
    const bool target = any(statements, [](const Json& s) { return isXt(s, "target"); });
    return target && !has(statements, "accept") ? Verdict::Drops : Verdict::Other;
}

NftRule ruleOf(const Json& rule, const Family& family) {
    const Json statements = rule.value("expr", Json::array());
    const bool accepts = has(statements, "accept");
    const bool dnat = any(statements, matchesDnat);
    const bool mark = any(statements, matchesMark);
    NftRule result;
    result.handle = rule.value("handle", std::uint64_t{0});
    result.verdict = verdictOf(statements);
    result.general = std::all_of(statements.begin(), statements.end(), isGeneral);
    result.acceptsDnat = accepts && dnat && allMatches(statements, matchesDnat);
    const std::string comment = rule.value("comment", "");
    result.opening = accepts && mark && dnat == family.translates && comment == family.tag;
    result.openingOfOther =
        accepts && mark && dnat != family.translates && comment == family.otherTag;
    // iptables-nft writes some of its matches in nft's own form; which, depends on its version.
    const auto xtMatches = std::count_if(statements.begin(), statements.end(),
                                         [](const Json& s) { return isXt(s, "match"); });
    result.xtOpening = accepts && xtMatches > 0 && allMatches(statements, [](const Json& s) {
                           return matchesMark(s) || isXt(s, "match");
                       });
    result.xtCertain = result.xtOpening && mark && xtMatches == 2;
    return result;
}

NftChain chainOf(const Json& chain) {
    NftChain result;
    result.family = chain.value("family", "");
    result.table = chain.value("table", "");
    result.name = chain.value("name", "");
    if (chain.value("hook", "") == "forward" && chain.value("type", "") == "filter")
        result.forwardPriority = chain.value("prio", 0);
    result.policyDrop = chain.value("policy", "") == "drop";
    return result;
}

bool concerns(const Json& item, const Family& family) {
    const std::string name = item.value("family", "");
    const std::string table = item.value("table", "");
    return (name == family.name || name == "inet") && !isTable(name, table, kNftTable) &&
           !isTable(name, table, kPinholeTable);
}

void addRule(std::vector<NftChain>& chains, const Json& rule, const Family& family) {
    // nft lists a chain's rules behind the chain; the last chains are the likeliest.
    const auto chain = std::find_if(chains.rbegin(), chains.rend(), [&](const NftChain& candidate) {
        return candidate.name == rule.value("chain", "") &&
               candidate.table == rule.value("table", "") &&
               candidate.family == rule.value("family", "");
    });
    if (chain != chains.rend()) chain->rules.push_back(ruleOf(rule, family));
}

}  // namespace

std::string toString(const NftChain& chain) {
    return chain.family + " " + chain.table + " " + chain.name;
}

std::optional<std::vector<NftChain>> parseRuleset(std::string_view json, const Family& family) try {
    const Json document = Json::parse(json);
    std::vector<NftChain> chains;
    for (const Json& item : document.at("nftables")) {
        if (item.contains("chain") && concerns(item["chain"], family))
            chains.push_back(chainOf(item["chain"]));
        if (item.contains("rule") && concerns(item["rule"], family))
            addRule(chains, item["rule"], family);
    }
    return chains;
} catch (const Json::exception&) {
    return std::nullopt;
}

std::optional<std::vector<std::uint64_t>> ownHandles(std::string_view json,
                                                     std::string_view own) try {
    const Json document = Json::parse(json);
    std::vector<std::uint64_t> handles;
    for (const Json& item : document.at("nftables"))
        for (const char* const kind : {"table", "chain", "rule", "set", "map"}) {
            if (!item.contains(kind)) continue;
            const Json& object = item[kind];
            const char* const table = std::string_view{kind} == "table" ? "name" : "table";
            if (isTable(object.value("family", ""), object.value(table, ""), own))
                handles.push_back(object.value("handle", std::uint64_t{0}));
        }
    std::ranges::sort(handles);
    return handles;
} catch (const Json::exception&) {
    return std::nullopt;
}

bool mayDrop(const NftChain& chain, const Family& family) {
    if (family.translates && std::any_of(chain.rules.begin(), chain.rules.end(),
                                         [](const NftRule& r) { return r.acceptsDnat; }))
        return false;
    if (chain.policyDrop) return true;
    const auto last = std::find_if(chain.rules.rbegin(), chain.rules.rend(), [](const NftRule& r) {
        return !r.opening && !r.xtOpening && !r.openingOfOther;
    });
    return last != chain.rules.rend() && last->general && last->verdict != Verdict::Other;
}

bool belongsToIptables(const NftChain& chain) {
    // iptables-nft writes table names in lower case and its built-in chains in capitals, never in
    // family inet.
    return chain.family != "inet" && chain.table == "filter" &&
           (chain.name == kForward || !chain.forwardPriority.has_value());
}

}  // namespace igd::firewall
