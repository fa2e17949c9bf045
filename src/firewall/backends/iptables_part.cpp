// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/iptables_part.h"

#include "iptables/ip_tables.h"
#include "nft/nft_table.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace igd::firewall {

template <class Ip>
Result<void> IptablesPart<Ip>::apply(const RuleDelta& delta) {
    if (!chains_.apply(delta)) return fail(MappingError::Backend);
    return {};
}

/// The rules in nftables' chains are laid or taken away, and nothing is left of our table there.
template <class Ip>
bool IptablesPart<Ip>::settleNft(const ForwardPath::View& view, const std::string& script) {
    if (!view.nftPresent || kernel_.nft.run(deleteTableScript(Ip::kNames.table) + script))
        return true;
    log::error("firewall: nftables refused the change: {}", igd::quoted(kernel_.nft.error(), 200));
    return false;
}

template <class Ip>
Result<void> IptablesPart<Ip>::replaceAll(std::span<const Rule> rules, const RulesetJson& ruleset) {
    const auto view = forward_.look(ruleset);
    if (!view) return fail(MappingError::Backend);
    view_ = *view;
    // When a chain of nftables cannot be opened the log has said so, and the others are opened.
    if (!settleNft(*view, forward_.openScript(*view)) && !settleNft(*view, ""))
        return fail(MappingError::Backend);
    if (chains_.lay(tablesFor(view_), rules)) return {};
    // Without the lock nothing was changed, and it is tried again.
    if (chains_.isBusy()) return fail(MappingError::Backend);
    // With half a set of tables some rules would work and others not: none is the honest state.
    if (!removeAll(kernel_.nft.rulesetJson()))
        log::error("firewall: the rules that were there are still there");
    return fail(MappingError::Backend);
}

template <class Ip>
std::optional<std::string> IptablesPart<Ip>::damage(const RulesetJson& ruleset) {
    if (chains_.laid().empty()) return std::nullopt;
    const auto view = forward_.look(ruleset);
    if (!view) return "a chain that is to be opened is missing";
    const auto isSame = [](const OwnTable& a, const OwnTable& b) {
        return std::string_view{a.table} == b.table;
    };
    if (!std::ranges::equal(tablesFor(*view), chains_.laid(), isSame))
        return fmt::format("other chains than before may drop packets of {}", Ip::kNames.openings);
    if (auto chain = ForwardPath::wrongChain(*view))
        return fmt::format("chain {} was not as {} need it", *chain, Ip::kNames.openings);
    if (const char* const table = chains_.damaged())
        return fmt::format("our rules in {} table {} were changed", Ip::kNames.iptables, table);
    return std::nullopt;
}

template <class Ip>
Result<void> IptablesPart<Ip>::removeAll(const RulesetJson& ruleset) {
    const auto view = forward_.lookToClose(ruleset);
    if (!view || !settleNft(*view, forward_.closeScript(*view)) || !chains_.remove())
        return fail(MappingError::Backend);
    return {};
}

template class IptablesPart<IpTables>;
template class IptablesPart<Ip6Tables>;

}  // namespace igd::firewall
