// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/iptables_part.h"

#include "iptables/ip_tables.h"
#include "nft/nft_batch.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <cerrno>

namespace igd::firewall {

template <class Ip>
Result<void> IptablesPart<Ip>::apply(const RuleDelta& delta) {
    if (!chains_.apply(delta)) return fail(MappingError::Backend);
    return {};
}

template <class Ip>
bool IptablesPart<Ip>::clearNft() {
    NftBatch batch;
    batch.put(addTableMessage(Ip::kNames.table));
    batch.put(removeTableMessage(Ip::kNames.table));
    const auto refusal = nft_.commit(batch);
    // A kernel without nftables has no table of ours.
    if (!refusal || refusal->error == EOPNOTSUPP || refusal->error == EPROTONOSUPPORT) return true;
    log::error("firewall: nftables does not give up our table: {}", sentenceOf(*refusal));
    return false;
}

template <class Ip>
Result<void> IptablesPart<Ip>::replaceAll(std::span<const Rule> rules, const HostView& view) {
    need_ = {.legacy = view.opens(true), .nft = view.opens(false)};
    if (!clearNft()) return fail(MappingError::Backend);
    if (chains_.lay(tablesFor(need_), rules)) return {};
    // Without the lock nothing was changed, and it is tried again.
    if (chains_.isBusy()) return fail(MappingError::Backend);
    // With half a set of tables some rules would work and others not: none is the honest state.
    if (!removeAll()) log::error("firewall: the rules that were there are still there");
    return fail(MappingError::Backend);
}

template <class Ip>
std::optional<std::string> IptablesPart<Ip>::damage(const HostView& view) {
    if (chains_.laid().empty()) return std::nullopt;
    if (Need{view.opens(true), view.opens(false)} != need_)
        return fmt::format("other chains than before stop packets of {}", Ip::kNames.openings);
    if (const char* const table = chains_.damaged())
        return fmt::format("our rules in {} table {} were changed", Ip::kNames.iptables, table);
    return std::nullopt;
}

template <class Ip>
Result<void> IptablesPart<Ip>::removeAll() {
    if (!clearNft() || !chains_.remove()) return fail(MappingError::Backend);
    return {};
}

template class IptablesPart<IpTables>;
template class IptablesPart<Ip6Tables>;

}  // namespace igd::firewall
