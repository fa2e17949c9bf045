// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft/nft_elements.h"

#include "names.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

namespace igd::firewall {
namespace {

constexpr std::size_t kMaxComment = 128;

int number(Protocol protocol) {
    return static_cast<int>(protocol);
}

std::string internalEndpoint(const Rule& rule) {
    return fmt::format("{} . {}", toString(rule.internal.address), rule.internal.port.value);
}

std::string dnatKey(const Rule& rule) {
    return fmt::format("{} . {}", number(rule.key.protocol), rule.key.externalPort.value);
}

/// Where a flow begins that the client itself starts, and where one ends that comes from outside.
std::string sourceKey(const Rule& rule) {
    return fmt::format("{} . {} . {}", toString(rule.internal.address), number(rule.key.protocol),
                       rule.internal.port.value);
}

std::string flowKey(const Rule& rule) {
    return fmt::format("{} . {}", sourceKey(rule), rule.key.externalPort.value);
}

std::string externalPort(const Rule& rule) {
    return fmt::format("{}", rule.key.externalPort.value);
}

/// A map or set of ours in its forms: for any remote host and, with that host in front of the key,
/// for one.
struct Kind {
    std::string_view name;
    std::string (*key)(const Rule&);
    std::string (*value)(const Rule&);  ///< nullptr: a set
    bool described;                     ///< carries the client's description
    bool tellsNetworks;                 ///< has a form for remote networks, too
};
constexpr Kind kDnat{"dnat4", dnatKey, internalEndpoint, true, true};
constexpr Kind kForward{"forward4", flowKey, nullptr, false, false};
constexpr Kind kSnat{"snat4", sourceKey, externalPort, false, false};

/// An element of a rule: the map or set, and the key in it.
struct Place {
    std::string set;
    std::string key;
};

Place placeOf(const Kind& kind, const Rule& rule, const PeerFilter& filter) {
    const std::string prefix = toString(ipv4Part(filter).value_or(Ipv4Prefix{}));
    if (filter.port == Port{0})
        return {fmt::format("{} {}_net", kNftTable, kind.name),
                fmt::format("{} . {}", prefix, kind.key(rule))};
    return {fmt::format("{} {}_net_port", kNftTable, kind.name),
            fmt::format("{} . {} . {}", prefix, filter.port.value, kind.key(rule))};
}

/// Several for a map that tells remote networks apart, else one.
std::vector<Place> placesOf(const Kind& kind, const Rule& rule) {
    if (rule.remoteHost)
        return {{fmt::format("{} {}_remote", kNftTable, kind.name),
                 fmt::format("{} . {}", toString(*rule.remoteHost), kind.key(rule))}};
    if (!kind.tellsNetworks || rule.filters.empty())
        return {{fmt::format("{} {}", kNftTable, kind.name), kind.key(rule)}};
    std::vector<Place> places;
    for (const PeerFilter& filter : rule.filters) places.push_back(placeOf(kind, rule, filter));
    return places;
}

std::string valueText(const Kind& kind, const Rule& rule) {
    return kind.value == nullptr ? "" : " : " + kind.value(rule);
}

// The kernel begins a present element's time anew for another timeout only, or where it is told
// when it expires.
std::string timeoutText(const Rule& rule, bool renews) {
    if (!rule.timeout) return "";
    const auto seconds = std::max<Seconds::rep>(rule.timeout->count(), 1);  // nft reads 0 as "none"
    return fmt::format(" timeout {}s", seconds) +
           (renews ? fmt::format(" expires {}s", seconds) : "");
}

std::string commentText(const Kind& kind, const Rule& rule) {
    const std::string comment = kind.described ? nftComment(rule.comment) : "";
    return comment.empty() ? "" : fmt::format(" comment \"{}\"", comment);
}

std::string elementText(const Kind& kind, const Rule& rule, const Place& place,
                        bool renews = false) {
    return place.key + timeoutText(rule, renews) + commentText(kind, rule) + valueText(kind, rule);
}

std::string addText(const Kind& kind, const Rule& rule, bool renews) {
    std::string text;
    for (const Place& place : placesOf(kind, rule))
        text += fmt::format("add element {} {{ {} }}\n", place.set,
                            elementText(kind, rule, place, renews));
    return text;
}

// The addition in front makes the deletion of an element that timed out in the meantime a success;
// to one that is there it does nothing that lasts.
std::string removeText(const Kind& kind, const Rule& rule) {
    std::string text;
    for (const auto& [set, key] : placesOf(kind, rule))
        text += fmt::format("add element {0} {{ {1}{2} }}\ndelete element {0} {{ {1} }}\n", set,
                            key, valueText(kind, rule));
    return text;
}

bool differsInEndOnly(const Rule& old, const Rule& now) {
    return old.key == now.key && old.remoteHost == now.remoteHost && old.internal == now.internal &&
           old.comment == now.comment && old.filters == now.filters;
}

std::string deltaScript(std::span<const Kind> kinds, const RuleDelta& delta, bool renewsInPlace) {
    const auto stays = [&](const Rule& one, std::span<const Rule> others) {
        return renewsInPlace && std::ranges::any_of(others, [&](const Rule& other) {
                   return differsInEndOnly(one, other);
               });
    };
    std::string script;
    for (const Rule& rule : delta.remove)
        if (!stays(rule, delta.add))
            for (const Kind& kind : kinds) script += removeText(kind, rule);
    for (const Rule& rule : delta.add)
        for (const Kind& kind : kinds) script += addText(kind, rule, stays(rule, delta.remove));
    return script;
}

/// One command for all elements of a set: thousands of them cost one set of netlink messages.
std::string fillText(const Kind& kind, std::span<const Rule> rules) {
    std::map<std::string, std::string> elements;
    for (const Rule& rule : rules)
        for (const Place& place : placesOf(kind, rule)) {
            std::string& text = elements[place.set];
            text += (text.empty() ? "" : ",\n") + elementText(kind, rule, place);
        }
    std::string script;
    for (const auto& [set, text] : elements)
        script += fmt::format("add element {} {{ {} }}\n", set, text);
    return script;
}

constexpr Kind kOfMappings[] = {kDnat, kForward};
constexpr Kind kOfOutgoing[] = {kSnat};

}  // namespace

std::string nftComment(std::string_view description) {
    std::string harmless;
    std::ranges::copy_if(description, std::back_inserter(harmless),
                         [](char c) { return c != '"' && c != '\\'; });
    return cleanUtf8(harmless, kMaxComment);
}

std::string changeScript(const ElementChange& change) {
    return deltaScript(kOfMappings, change.rules, change.renewsInPlace) +
           deltaScript(kOfOutgoing, change.outgoing, change.renewsInPlace);
}

std::string fillScript(std::span<const Rule> rules, std::span<const Rule> outgoing) {
    std::string script;
    for (const Kind& kind : kOfMappings) script += fillText(kind, rules);
    for (const Kind& kind : kOfOutgoing) script += fillText(kind, outgoing);
    return script;
}

}  // namespace igd::firewall
