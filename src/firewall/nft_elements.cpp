// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft_elements.h"

#include "upnpd/util/text.h"

#include "names.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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

/// A map or set of ours in both its forms: for any remote host and, with that host in front of the key, for
/// one.
struct Kind {
    std::string_view name;
    std::string (*key)(const Rule&);
    std::string (*value)(const Rule&);  ///< nullptr: a set
    bool described;                     ///< carries the client's description
};
constexpr Kind kDnat{"dnat4", dnatKey, internalEndpoint, true};
constexpr Kind kForward{"forward4", flowKey, nullptr, false};
constexpr Kind kSnat{"snat4", sourceKey, externalPort, false};

std::string keyText(const Kind& kind, const Rule& rule) {
    return rule.remoteHost ? fmt::format("{} . {}", toString(*rule.remoteHost), kind.key(rule))
                           : kind.key(rule);
}

std::string valueText(const Kind& kind, const Rule& rule) {
    return kind.value == nullptr ? "" : " : " + kind.value(rule);
}

std::string timeoutText(const Rule& rule) {
    // nft reads a timeout of 0 as "none".
    return rule.timeout ? fmt::format(" timeout {}s", std::max<Seconds::rep>(rule.timeout->count(), 1)) : "";
}

std::string commentText(const Kind& kind, const Rule& rule) {
    const std::string comment = kind.described ? nftComment(rule.comment) : "";
    return comment.empty() ? "" : fmt::format(" comment \"{}\"", comment);
}

std::string elementText(const Kind& kind, const Rule& rule) {
    return keyText(kind, rule) + timeoutText(rule) + commentText(kind, rule) + valueText(kind, rule);
}

std::string nameOf(const Kind& kind, const Rule& rule) {
    return fmt::format("{} {}{}", kNftTable, kind.name, rule.remoteHost ? "_remote" : "");
}

std::string addText(const Kind& kind, const Rule& rule) {
    return fmt::format("add element {} {{ {} }}\n", nameOf(kind, rule), elementText(kind, rule));
}

// The addition in front makes the deletion of an element that timed out in the meantime a success; to one
// that is there it does nothing that lasts.
std::string removeText(const Kind& kind, const Rule& rule) {
    const std::string name = nameOf(kind, rule);
    const std::string key = keyText(kind, rule);
    return fmt::format("add element {0} {{ {1}{2} }}\ndelete element {0} {{ {1} }}\n", name, key,
                       valueText(kind, rule));
}

bool differsInEndOnly(const Rule& old, const Rule& now) {
    return old.key == now.key && old.remoteHost == now.remoteHost && old.internal == now.internal &&
           old.comment == now.comment;
}

std::string deltaScript(std::span<const Kind> kinds, const RuleDelta& delta, bool renewsInPlace) {
    const auto stays = [&](const Rule& old) {
        return renewsInPlace &&
               std::ranges::any_of(delta.add, [&](const Rule& now) { return differsInEndOnly(old, now); });
    };
    std::string script;
    for (const Rule& rule : delta.remove)
        if (!stays(rule))
            for (const Kind& kind : kinds) script += removeText(kind, rule);
    for (const Rule& rule : delta.add)
        for (const Kind& kind : kinds) script += addText(kind, rule);
    return script;
}

/// One command for all elements of a set: thousands of them cost one set of netlink messages.
std::string fillText(const Kind& kind, std::span<const Rule> rules, bool remote) {
    std::string elements;
    const Rule* first = nullptr;
    for (const Rule& rule : rules) {
        if (rule.remoteHost.has_value() != remote) continue;
        if (first == nullptr) first = &rule;
        elements += (elements.empty() ? "" : ",\n") + elementText(kind, rule);
    }
    return first == nullptr ? "" : fmt::format("add element {} {{ {} }}\n", nameOf(kind, *first), elements);
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
    for (const bool remote : {false, true}) {
        for (const Kind& kind : kOfMappings) script += fillText(kind, rules, remote);
        for (const Kind& kind : kOfOutgoing) script += fillText(kind, outgoing, remote);
    }
    return script;
}

}  // namespace igd::firewall
