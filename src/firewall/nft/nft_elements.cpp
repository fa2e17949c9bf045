// SPDX-License-Identifier: GPL-2.0-or-later
// A mapping of udp 3074 to 192.168.1.10 port 3075 is one element of a map, by which its packets are
// translated, and one of a set, by which they are let through:
//
//     dnat4       17 . 3074 : 192.168.1.10 . 3075
//     forward4    192.168.1.10 . 17 . 3075 . 3074
//
// A set of 256 ports is one element in either, of the maps of intervals, for whatever remote:
//
//     dnat4_sets      0.0.0.0/0 . 0-65535 . 17 . 4000-4255 : 192.168.1.10 . 4000-4255
//     forward4_sets   192.168.1.10 . 17 . 4000-4255 . 4000-4255
//
// The kernel keeps a port that is in the range of the value (nf_nat_core.c). It has no such word
// for a range that is moved, so a set whose external ports are others has the elements of single
// ports, all of them in the same change.
//
// A pinhole is one element of a set, one for a set of ports too. A rule for one remote host has its
// elements in maps and sets of their own, with that host in front of the key; a rule with filters
// has one element for each.
#include "nft/nft_elements.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace igd::firewall {
namespace {

constexpr std::size_t kMaxComment = 128;

constexpr NftSet kTranslations{kNftTable, "dnat4"};
constexpr NftSet kTranslationsOfRemote{kNftTable, "dnat4_remote"};
constexpr NftSet kTranslationsOfNetwork{kNftTable, "dnat4_net", true};
constexpr NftSet kTranslationsOfNetworkAndPort{kNftTable, "dnat4_net_port", true};
constexpr NftSet kTranslationsOfSets{kNftTable, "dnat4_sets", true, true};
constexpr NftSet kPassages{kNftTable, "forward4"};
constexpr NftSet kPassagesOfSets{kNftTable, "forward4_sets", true};
constexpr NftSet kPassagesOfRemote{kNftTable, "forward4_remote"};
constexpr NftSet kPinholes{kPinholeTable, "pinholes"};
constexpr NftSet kPinholesOfHost{kPinholeTable, "pinholes_host"};
constexpr NftSet kPinholesOfPort{kPinholeTable, "pinholes_port"};
constexpr NftSet kPinholesOfHostAndPort{kPinholeTable, "pinholes_host_port"};
constexpr NftSet kFiltered{kPinholeTable, "mapped", true};
constexpr NftSet kFilteredByPort{kPinholeTable, "mapped_port", true};

constexpr NftSet kEnded{kNftTable, "ended4"};
constexpr NftSet kEnded6{kPinholeTable, "ended"};

constexpr PortRange kEachPort{Port{0}, Port{65535}};

/// Longer than a sender tries again without an answer.
constexpr Seconds kRefusedFor{std::chrono::hours{1}};

using Elements = std::vector<NftElement>;

NftField single(const IpAddress& address) {
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&address)) return Ipv4Prefix{*ipv4, 32};
    return Ipv6Prefix{std::get<Ipv6Address>(address), 128};
}

/// Where a flow begins that the client itself starts, and where one ends that comes from outside.
std::vector<NftField> internalKey(const Rule& rule) {
    const NftField ports =
        rule.isSet() ? NftField{rule.internalPorts()} : NftField{rule.internal.port};
    return {single(rule.internal.address), rule.protocol, ports};
}

std::optional<Ipv4Prefix> remoteOf(const Rule& rule) {
    return rule.remote ? ipv4Part(*rule.remote) : std::nullopt;
}

void prepend(NftElement& element, const NftField& field) {
    element.key.insert(element.key.begin(), field);
}

/// Puts the remote host of a rule, when it has one, in front of the key.
NftElement forRemote(NftElement element, const NftSet& set, const Rule& rule) {
    if (const auto host = remoteOf(rule)) {
        prepend(element, Ipv4Prefix{host->address, 32});
        element.set = set;
    }
    return element;
}

NftElement translation(const Rule& rule) {
    return {.set = kTranslations,
            .key = {rule.protocol, rule.externalPort},
            .value = {single(rule.internal.address), rule.internal.port},
            .comment = nftComment(rule.comment)};
}

NftElement forNetwork(NftElement element, const PeerFilter& filter) {
    const bool port = filter.port != Port{0};
    if (port) prepend(element, filter.port);
    prepend(element, ipv4Part(filter).value_or(Ipv4Prefix{}));
    element.set = port ? kTranslationsOfNetworkAndPort : kTranslationsOfNetwork;
    return element;
}

NftElement translationOfSet(const Rule& rule, const PeerFilter& filter) {
    return {.set = kTranslationsOfSets,
            .key = {ipv4Part(filter).value_or(Ipv4Prefix{}),
                    filter.port == Port{0} ? kEachPort : PortRange{filter.port, filter.port},
                    rule.protocol, rule.externalPorts()},
            .value = {single(rule.internal.address), rule.internalPorts()},
            .comment = nftComment(rule.comment)};
}

/// Returns what `elements` makes of each port of a set.
Elements ofEachPort(Elements (*elements)(const Rule&), const Rule& set) {
    Elements all;
    for (const Rule& port : portByPort(set))
        std::ranges::move(elements(port), std::back_inserter(all));
    return all;
}

Elements translationsOf(const Rule& rule) {
    if (rule.isIpv6()) return {};
    if (rule.isSet()) {
        if (rule.movesPorts()) return ofEachPort(translationsOf, rule);
        if (rule.remote) return {translationOfSet(rule, *rule.remote)};
        if (rule.filters.empty()) return {translationOfSet(rule, PeerFilter{})};
        Elements elements;
        for (const PeerFilter& filter : rule.filters)
            elements.push_back(translationOfSet(rule, filter));
        return elements;
    }
    if (rule.remote || rule.filters.empty())
        return {forRemote(translation(rule), kTranslationsOfRemote, rule)};
    Elements elements;
    for (const PeerFilter& filter : rule.filters)
        elements.push_back(forNetwork(translation(rule), filter));
    return elements;
}

Elements passagesOf(const Rule& rule) {
    if (rule.isIpv6()) return {};
    if (rule.isSet() && rule.movesPorts()) return ofEachPort(passagesOf, rule);
    if (rule.isSet()) {
        NftElement passage{.set = kPassagesOfSets, .key = internalKey(rule)};
        passage.key.emplace_back(rule.externalPorts());
        return {std::move(passage)};
    }
    NftElement passage{.set = kPassages, .key = internalKey(rule)};
    passage.key.emplace_back(rule.externalPort);
    return {forRemote(std::move(passage), kPassagesOfRemote, rule)};
}

NftElement pinhole(const Rule& rule, const NftSet& set, const Ipv6Prefix* remote, Port port) {
    NftElement element{.set = set, .key = internalKey(rule), .comment = nftComment(rule.comment)};
    if (port != Port{0}) prepend(element, port);
    if (remote != nullptr) prepend(element, *remote);
    return element;
}

NftElement filteredPinhole(const Rule& rule, const PeerFilter& filter) {
    const NftSet& set = filter.port != Port{0} ? kFilteredByPort : kFiltered;
    return pinhole(rule, set, &filter.remote, filter.port);
}

NftElement plainPinhole(const Rule& rule) {
    const PeerFilter remote = rule.remote.value_or(PeerFilter{});
    const bool port = remote.port != Port{0};
    if (remote.remote.length == 0)
        return pinhole(rule, port ? kPinholesOfPort : kPinholes, nullptr, remote.port);
    const Ipv6Prefix host{remote.remote.address, 128};
    return pinhole(rule, port ? kPinholesOfHostAndPort : kPinholesOfHost, &host, remote.port);
}

using ElementsOf = Elements (*)(const Rule&);
constexpr ElementsOf kForRules[] = {translationsOf, passagesOf, pinholeElements};

std::optional<Seconds> timeoutOf(const Rule& rule) {
    if (!rule.timeout) return std::nullopt;
    return std::max(*rule.timeout, Seconds{1});  // 0 would be for ever
}

void appendRemoved(Elements& all, const Rule& rule) {
    for (const ElementsOf elements : kForRules)
        for (NftElement& element : elements(rule)) {
            element.comment.clear();
            all.push_back(std::move(element));
        }
}

void appendAdded(Elements& all, const Rule& rule, bool renews) {
    for (const ElementsOf elements : kForRules)
        for (NftElement& element : elements(rule)) {
            element.timeout = timeoutOf(rule);
            if (renews) element.expires = element.timeout;
            all.push_back(std::move(element));
        }
}

struct FieldText {
    std::string operator()(const Ipv4Prefix& prefix) const {
        return prefix.length == 32 ? toString(prefix.address) : toString(prefix);
    }
    std::string operator()(const Ipv6Prefix& prefix) const {
        return prefix.length == 128 ? toString(prefix.address) : toString(prefix);
    }
    std::string operator()(Protocol protocol) const {
        return fmt::format("{}", static_cast<int>(protocol));
    }
    std::string operator()(Port port) const { return fmt::format("{}", port.value); }
    std::string operator()(const PortRange& ports) const { return toString(ports); }
};

std::string textOf(const std::vector<NftField>& fields) {
    std::vector<std::string> texts;
    texts.reserve(fields.size());
    for (const NftField& field : fields) texts.push_back(std::visit(FieldText{}, field));
    return fmt::format("{}", fmt::join(texts, " . "));
}

std::string textOf(const NftElement& element) {
    std::string text = textOf(element.key);
    if (element.timeout) text += fmt::format(" timeout {}s", element.timeout->count());
    if (!element.comment.empty()) text += fmt::format(" comment \"{}\"", element.comment);
    return element.value.empty() ? text : text + " : " + textOf(element.value);
}

}  // namespace

std::string nftComment(std::string_view description) {
    std::string harmless;
    std::ranges::copy_if(description, std::back_inserter(harmless),
                         [](char c) { return c != '"' && c != '\\'; });
    return cleanUtf8(harmless, kMaxComment);
}

ElementSteps stepsOf(const ElementChange& change) {
    const auto stays = [&](const Rule& one, std::span<const Rule> others) {
        return change.renewsInPlace && std::ranges::any_of(others, [&](const Rule& other) {
                   return differInTimeoutOnly(one, other);
               });
    };
    const RuleDelta& delta = change.rules;
    ElementSteps steps;
    for (const Rule& rule : delta.remove)
        if (!stays(rule, delta.add)) appendRemoved(steps.remove, rule);
    for (const Rule& rule : delta.add) appendAdded(steps.add, rule, stays(rule, delta.remove));
    return steps;
}

std::vector<NftElement> endedBy(const RuleDelta& delta) {
    std::set<IpEndpoint> staying;
    const auto forEachEnd = [](const std::vector<Rule>& rules, const auto& take) {
        for (const Rule& rule : rules)
            for (unsigned i = 0; rule.protocol == Protocol::Tcp && i < rule.portCount; ++i)
                take(IpEndpoint{rule.internal.address, portBehind(rule.internal.port, i)});
    };
    forEachEnd(delta.add, [&](const IpEndpoint& end) { staying.insert(end); });
    Elements elements;
    forEachEnd(delta.remove, [&](const IpEndpoint& end) {
        const bool ipv6 = std::holds_alternative<Ipv6Address>(end.address);
        if (!staying.contains(end))
            elements.push_back({.set = ipv6 ? kEnded6 : kEnded,
                                .key = {single(end.address), end.port},
                                .timeout = kRefusedFor});
    });
    return elements;
}

std::string fillScript(std::span<const Rule> rules) {
    Elements all;
    for (const Rule& rule : rules) appendAdded(all, rule, false);
    std::map<std::string, std::string> texts;
    for (const NftElement& element : all) {
        std::string& text = texts[fmt::format("{} {}", element.set.table, element.set.name)];
        text += (text.empty() ? "" : ",\n") + textOf(element);
    }
    std::string script;
    for (const auto& [set, text] : texts)
        script += fmt::format("add element {} {{ {} }}\n", set, text);
    return script;
}

std::vector<NftElement> pinholeElements(const Rule& rule) {
    if (!rule.isIpv6()) return {};
    if (rule.isSet() && rule.filters.empty())
        return {filteredPinhole(rule, rule.remote.value_or(PeerFilter{}))};
    if (rule.remote || rule.filters.empty()) return {plainPinhole(rule)};
    Elements elements;
    for (const PeerFilter& filter : rule.filters) elements.push_back(filteredPinhole(rule, filter));
    return elements;
}

std::vector<NftElement> countedElements(const Rule& rule) {
    return rule.isIpv6() ? pinholeElements(rule) : passagesOf(rule);
}

}  // namespace igd::firewall
