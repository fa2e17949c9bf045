// SPDX-License-Identifier: GPL-2.0-or-later
// A mapping of udp 3074 to 192.168.1.10 port 3075 is one element of a map, by which its packets are
// translated, and one of a set, by which they are let through:
//
//     add element inet upnpd dnat4 { 17 . 3074 : 192.168.1.10 . 3075 }
//     add element inet upnpd forward4 { 192.168.1.10 . 17 . 3075 . 3074 }
//
// A pinhole is one element of a set. A rule for one remote host has its elements in maps and sets
// of their own, with that host in front of the key; a rule with filters has one element for each.
#include "nft/nft_elements.h"

#include "names.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace igd::firewall {
namespace {

constexpr std::size_t kMaxComment = 128;

/// An element of a rule: the map or set, the key in it, and in a map the value.
struct Element {
    std::string set;
    std::string key;
    std::string value{};
    bool described = false;  ///< carries the client's description
};
using Elements = std::vector<Element>;

/// Where a flow begins that the client itself starts, and where one ends that comes from outside.
std::string internalKey(const Rule& rule) {
    return fmt::format("{} . {} . {}", toString(rule.internal.address),
                       static_cast<int>(rule.protocol), rule.internal.port.value);
}

/// Returns what a remote host puts in front of a key; empty for any.
std::string remotePrefix(const Rule& rule) {
    const auto host = rule.remote ? ipv4Part(*rule.remote) : std::nullopt;
    return host ? toString(host->address) + " . " : "";
}

Element translation(const Rule& rule) {
    return {.set = fmt::format("{} dnat4", kNftTable),
            .key = fmt::format("{} . {}", static_cast<int>(rule.protocol), rule.externalPort.value),
            .value = fmt::format(" : {} . {}", toString(rule.internal.address),
                                 rule.internal.port.value),
            .described = true};
}

Element forRemote(Element element, const Rule& rule) {
    const std::string prefix = remotePrefix(rule);
    if (prefix.empty()) return element;
    element.set += "_remote";
    element.key.insert(0, prefix);
    return element;
}

Element forNetwork(Element element, const PeerFilter& filter) {
    const std::string prefix = toString(ipv4Part(filter).value_or(Ipv4Prefix{}));
    if (filter.port == Port{0}) {
        element.set += "_net";
        element.key = fmt::format("{} . {}", prefix, element.key);
    } else {
        element.set += "_net_port";
        element.key = fmt::format("{} . {} . {}", prefix, filter.port.value, element.key);
    }
    return element;
}

Elements translationsOf(const Rule& rule) {
    if (rule.isIpv6()) return {};
    if (rule.remote || rule.filters.empty()) return {forRemote(translation(rule), rule)};
    Elements elements;
    for (const PeerFilter& filter : rule.filters)
        elements.push_back(forNetwork(translation(rule), filter));
    return elements;
}

Elements passagesOf(const Rule& rule) {
    if (rule.isIpv6()) return {};
    return {forRemote({.set = fmt::format("{} forward4", kNftTable),
                       .key = fmt::format("{} . {}", internalKey(rule), rule.externalPort.value)},
                      rule)};
}

Elements outgoingOf(const Rule& rule) {
    return {forRemote({.set = fmt::format("{} snat4", kNftTable),
                       .key = internalKey(rule),
                       .value = fmt::format(" : {}", rule.externalPort.value)},
                      rule)};
}

Element pinholeFor(const Rule& rule, const PeerFilter& filter) {
    const bool port = filter.port != Port{0};
    return {
        .set = fmt::format("{} mapped{}", kPinholeTable, port ? "_port" : ""),
        .key = fmt::format("{}/{} . {}{}", toString(filter.remote.address), filter.remote.length,
                           port ? fmt::format("{} . ", filter.port.value) : "", internalKey(rule)),
        .described = true};
}

Elements pinholesOf(const Rule& rule) {
    if (!rule.isIpv6()) return {};
    Elements elements;
    if (!rule.remote)
        for (const PeerFilter& filter : rule.filters) elements.push_back(pinholeFor(rule, filter));
    if (!elements.empty()) return elements;
    const PeerFilter remote = rule.remote.value_or(PeerFilter{});
    const bool host = remote.remote.length != 0;
    const bool port = remote.port != Port{0};
    return {
        {.set = fmt::format("{} pinholes{}{}", kPinholeTable, host ? "_host" : "",
                            port ? "_port" : ""),
         .key = fmt::format("{}{}{}", host ? toString(remote.remote.address) + " . " : "",
                            port ? fmt::format("{} . ", remote.port.value) : "", internalKey(rule)),
         .described = true}};
}

using ElementsOf = Elements (*)(const Rule&);
constexpr ElementsOf kForRules[] = {translationsOf, passagesOf, pinholesOf};
constexpr ElementsOf kForOutgoing[] = {outgoingOf};

// The kernel begins a present element's time anew for another timeout only, or where it is told
// when it expires.
std::string timeoutText(const Rule& rule, bool renews) {
    if (!rule.timeout) return "";
    const auto seconds = std::max<Seconds::rep>(rule.timeout->count(), 1);  // nft reads 0 as "none"
    return fmt::format(" timeout {}s", seconds) +
           (renews ? fmt::format(" expires {}s", seconds) : "");
}

std::string elementText(const Element& element, const Rule& rule, bool renews = false) {
    const std::string comment = element.described ? nftComment(rule.comment) : "";
    return element.key + timeoutText(rule, renews) +
           (comment.empty() ? "" : fmt::format(" comment \"{}\"", comment)) + element.value;
}

std::string addText(const Elements& elements, const Rule& rule, bool renews) {
    std::string text;
    for (const Element& element : elements)
        text += fmt::format("add element {} {{ {} }}\n", element.set,
                            elementText(element, rule, renews));
    return text;
}

// The addition in front makes the deletion of an element that timed out in the meantime a success;
// to one that is there it does nothing that lasts.
std::string removeText(const Elements& elements) {
    std::string text;
    for (const auto& [set, key, value, described] : elements)
        text += fmt::format("add element {0} {{ {1}{2} }}\ndelete element {0} {{ {1} }}\n", set,
                            key, value);
    return text;
}

std::string deltaScript(std::span<const ElementsOf> kinds, const RuleDelta& delta,
                        bool renewsInPlace) {
    const auto stays = [&](const Rule& one, std::span<const Rule> others) {
        return renewsInPlace && std::ranges::any_of(others, [&](const Rule& other) {
                   return differInTimeoutOnly(one, other);
               });
    };
    std::string script;
    for (const Rule& rule : delta.remove)
        if (!stays(rule, delta.add))
            for (const ElementsOf elements : kinds) script += removeText(elements(rule));
    for (const Rule& rule : delta.add) {
        const bool renews = stays(rule, delta.remove);
        for (const ElementsOf elements : kinds) script += addText(elements(rule), rule, renews);
    }
    return script;
}

/// One command for all elements of a set: thousands of them cost one set of netlink messages.
std::string fillText(ElementsOf elementsOf, std::span<const Rule> rules) {
    std::map<std::string, std::string> texts;
    for (const Rule& rule : rules)
        for (const Element& element : elementsOf(rule)) {
            std::string& text = texts[element.set];
            text += (text.empty() ? "" : ",\n") + elementText(element, rule);
        }
    std::string script;
    for (const auto& [set, text] : texts)
        script += fmt::format("add element {} {{ {} }}\n", set, text);
    return script;
}

}  // namespace

std::string nftComment(std::string_view description) {
    std::string harmless;
    std::ranges::copy_if(description, std::back_inserter(harmless),
                         [](char c) { return c != '"' && c != '\\'; });
    return cleanUtf8(harmless, kMaxComment);
}

std::string changeScript(const ElementChange& change) {
    return deltaScript(kForRules, change.rules, change.renewsInPlace) +
           deltaScript(kForOutgoing, change.outgoing, change.renewsInPlace);
}

std::string fillScript(std::span<const Rule> rules, std::span<const Rule> outgoing) {
    std::string script;
    for (const ElementsOf elements : kForRules) script += fillText(elements, rules);
    for (const ElementsOf elements : kForOutgoing) script += fillText(elements, outgoing);
    return script;
}

std::vector<std::string> pinholeQueries(const Rule& rule) {
    std::vector<std::string> queries;
    for (const Element& element : pinholesOf(rule))
        queries.push_back(fmt::format("get element {} {{ {} }}", element.set, element.key));
    return queries;
}

std::optional<std::uint64_t> packetsIn(std::string_view answer) {
    constexpr std::string_view kWords = "counter packets ";
    const auto at = answer.find(kWords);
    if (at == std::string_view::npos) return std::nullopt;
    const auto rest = answer.substr(at + kWords.size());
    return parseUnsigned<std::uint64_t>(rest.substr(0, rest.find_first_not_of("0123456789")));
}

}  // namespace igd::firewall
