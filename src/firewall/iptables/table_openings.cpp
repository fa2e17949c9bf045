// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/table_openings.h"

#include <algorithm>
#include <array>

namespace igd::firewall {

template <class Ip>
std::optional<std::string> TableOpenings<Ip>::rewrite(const std::string& table,
                                                      const std::string& chain,
                                                      std::span<const inspect::Opening> openings) {
    constexpr const char* kRefused = "the legacy table does not take the change";
    const auto lock = tables_.lock(BasicLegacyTables<Ip>::Patience::Moment);
    if (!lock) return kRefused;
    const bool done = tables_.edit(table.c_str(), [&](BasicLegacyTable<Ip>& edited) {
        if (!edited.eraseOpenings(chain)) return false;
        // Each that is put in moves the places of those behind it.
        unsigned int put = 0;
        return std::ranges::all_of(openings, [&](const inspect::Opening& opening) {
            return edited.insert(chain, openingEntry<Ip>(opening, form_), opening.position + put++);
        });
    });
    if (!done) return kRefused;
    if (openings.empty())
        opened_.erase(table);
    else
        opened_.insert(table);
    return std::nullopt;
}

template <class Ip>
bool TableOpenings<Ip>::removeOwnChains() {
    constexpr std::array kTables{"nat", "mangle", "filter"};
    return std::ranges::all_of(kTables, [this](const char* name) {
        if (!tables_.present(name)) return true;
        const auto table = BasicLegacyTable<Ip>::read(name);
        // One that cannot be read holds nothing that we could have put there.
        if (!table || !table->holdsOwnChain()) return true;
        const auto lock = tables_.lock(BasicLegacyTables<Ip>::Patience::Long);
        return lock && tables_.edit(name, &BasicLegacyTable<Ip>::removeOurs);
    });
}

template <class Ip>
SilentRules TableOpenings<Ip>::look() const {
    if (opened_.empty()) return SilentRules::None;
    const bool touched = std::ranges::any_of(
        opened_, [this](const std::string& table) { return tables_.looksTouched(table); });
    return touched ? SilentRules::Touched : SilentRules::AsLeft;
}

template class TableOpenings<IpTables>;
template class TableOpenings<Ip6Tables>;

}  // namespace igd::firewall
