// SPDX-License-Identifier: GPL-2.0-or-later
#include "reading/rule_text.h"

#include "program.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd::firewall {
namespace {

/// Takes the first line off `text`.
std::string_view nextLine(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

std::string saveProgram(const inspect::Chain& chain) {
    return fmt::format("{}-{}-save", chain.family == "ip6" ? "ip6tables" : "iptables",
                       chain.kind == inspect::Kind::Legacy ? "legacy" : "nft");
}

}  // namespace

std::string ruleInListing(std::string_view listing, std::uint64_t handle) {
    const std::string mark = fmt::format(" # handle {}", handle);
    bool inside = false;  // chains and tables have handles too, at the lines that begin them
    while (!listing.empty()) {
        std::string_view line = nextLine(listing);
        const bool opens = line.find(" { # handle ") != std::string_view::npos;
        inside = (inside || line.starts_with("chain ")) && line != "}";
        if (!inside || opens || !line.ends_with(mark)) continue;
        line.remove_suffix(mark.size());
        return std::string{line};
    }
    return {};
}

std::string ruleInSave(std::string_view save, std::string_view chain, std::uint32_t number) {
    const std::string beginning = fmt::format("-A {} ", chain);
    std::uint32_t seen = 0;
    while (!save.empty()) {
        const std::string_view line = nextLine(save);
        const bool ofChain =
            line.starts_with(beginning) || line == beginning.substr(0, beginning.size() - 1);
        if (ofChain && ++seen == number) return std::string{line};
    }
    return {};
}

std::string ruleText(const inspect::Chain& chain, const inspect::Rule& rule) {
    if (chain.kind == inspect::Kind::Nft) {
        const auto listing =
            outputOf({"nft", "-a", "list", "chain", chain.family, chain.table, chain.name});
        return ruleInListing(listing.value_or(""), rule.handle);
    }
    const auto save = outputOf({saveProgram(chain), "-t", chain.table});
    return ruleInSave(save.value_or(""), chain.name, rule.number);
}

}  // namespace igd::firewall
