// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/own_chains.h"

#include "iptables/ip_tables.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <algorithm>
#include <string_view>

namespace igd::firewall {
namespace {

constexpr std::array kOurTables{"nat", "filter", "mangle"};
constexpr std::array kEachPer{Per::Rule, Per::Peer, Per::PeerAndPort};

std::size_t numberOf(Per per, const Rule& rule) {
    switch (per) {
        case Per::Rule:
            return 1;
        case Per::Peer:
            return std::max<std::size_t>(rule.filters.size(), 1);
        case Per::PeerAndPort:
            return std::max<std::size_t>(rule.filters.size(), 1) * rule.portCount;
    }
    return 0;
}

std::vector<Entry> entriesOf(const OwnChain& chain, const Rule& rule) {
    std::vector<Entry> entries;
    if (chain.entry == nullptr) return entries;
    if (chain.per == Per::Rule) return {chain.entry(rule)};
    const auto ports = chain.per == Per::Peer ? std::vector{rule} : portByPort(rule);
    for (const Rule& port : ports)
        for (const Rule& each : eachPeer(port)) entries.push_back(chain.entry(each));
    return entries;
}

/// Puts the entries of rules into a chain, or those that it is spread over, and takes them out.
template <class Ip>
class Filling {
public:
    Filling(const OwnChain& chain, BasicLegacyTable<Ip>& table) : chain_(chain), table_(table) {
        if (chain.spread != nullptr)
            spread_.emplace(table, chain.name, *chain.spread, chain.fixed.size());
    }
    [[nodiscard]] bool append(std::span<const Rule> rules) {
        return forEachEntry(rules, [this](const Rule& rule, const Entry& entry) {
            return spread_ ? spread_->append(rule, entry) : table_.append(chain_.name, entry);
        });
    }
    [[nodiscard]] bool erase(std::span<const Rule> rules) {
        return forEachEntry(rules, [this](const Rule& rule, const Entry& entry) {
            return spread_ ? spread_->erase(rule, entry) : table_.erase(chain_.name, entry);
        });
    }
    /// All rules, and the jumps among them.
    [[nodiscard]] std::size_t count() const {
        return table_.countRules(chain_.name) + (spread_ ? spread_->rules() : 0);
    }
    [[nodiscard]] std::size_t jumps() const { return spread_ ? spread_->chains() : 0; }

private:
    template <class Change>
    [[nodiscard]] bool forEachEntry(std::span<const Rule> rules, const Change& change) const {
        return std::ranges::all_of(rules, [&](const Rule& rule) {
            return std::ranges::all_of(entriesOf(chain_, rule),
                                       [&](const Entry& entry) { return change(rule, entry); });
        });
    }

    const OwnChain& chain_;
    BasicLegacyTable<Ip>& table_;
    std::optional<PortChains<Ip>> spread_;
};

/// It holds nothing of single rules: no change of these concerns it.
bool isStatic(const OwnTable& own) {
    return std::ranges::all_of(own.chains,
                               [](const OwnChain& chain) { return chain.entry == nullptr; });
}

/// Returns `delta` without the rules that get another timeout only.
RuleDelta withoutRenewals(const RuleDelta& delta) {
    const auto others = [](const std::vector<Rule>& rules, const std::vector<Rule>& opposite) {
        std::vector<Rule> left;
        std::ranges::copy_if(rules, std::back_inserter(left), [&](const Rule& rule) {
            return std::ranges::none_of(
                opposite, [&](const Rule& other) { return differInTimeoutOnly(rule, other); });
        });
        return left;
    };
    return {others(delta.remove, delta.add), others(delta.add, delta.remove)};
}

}  // namespace

template <class Ip>
bool OwnChains<Ip>::layJumps(const OwnTable& own, Table& table) const {
    if (!table.eraseReferences()) return false;
    for (const Jumps& jumps : own.jumps) {
        if (!table.hasChain(jumps.parent)) {
            log::error("firewall: {} table {} has no chain {}: see {}", Ip::kNames.iptables,
                       own.table, igd::quoted(jumps.parent), Ip::kNames.chainKeys);
            return false;
        }
        std::size_t number = 0;
        for (const Entry& jump : jumps.entries)
            if (!(jumps.place == Place::Top ? table.insert(jumps.parent, jump, number++)
                                            : table.append(jumps.parent, jump)))
                return false;
    }
    return true;
}

template <class Ip>
bool OwnChains<Ip>::fill(const OwnChain& chain, std::span<const Rule> rules, Table& table) {
    const auto append = [&](const Entry& entry) { return table.append(chain.name, entry); };
    return std::ranges::all_of(chain.fixed, append) && std::ranges::all_of(chain.ending, append) &&
           Filling<Ip>{chain, table}.append(rules);
}

template <class Ip>
bool OwnChains<Ip>::lay(const OwnTable& own, std::span<const Rule> rules) const {
    return tables_.edit(own.table, [&](Table& table) {
        const auto create = [&](const OwnChain& chain) { return table.createChain(chain.name); };
        return table.removeOurs() && std::ranges::all_of(own.chains, create) &&
               layJumps(own, table) && std::ranges::all_of(own.chains, [&](const OwnChain& chain) {
                   return fill(chain, rules, table);
               });
    });
}

template <class Ip>
bool OwnChains<Ip>::change(const OwnTable& own, const RuleDelta& delta) const {
    return tables_.edit(own.table, [&](Table& table) {
        return std::ranges::all_of(own.chains, [&](const OwnChain& chain) {
            if (chain.entry == nullptr) return true;
            Filling<Ip> filling{chain, table};
            return filling.erase(delta.remove) && filling.append(delta.add);
        });
    });
}

template <class Ip>
bool OwnChains<Ip>::clean(const char* table) const {
    if (!tables_.present(table)) return true;
    const auto read = Table::read(table);
    return (read && !read->holdsOurs()) || tables_.edit(table, &Table::removeOurs);
}

template <class Ip>
bool OwnChains<Ip>::lay(OwnTables own, std::span<const Rule> rules) {
    const Patience patience = own_.empty() ? Patience::Long : Patience::Moment;
    own_ = std::move(own);
    const auto lock = tables_.lock(patience);
    if (!lock) return false;
    const auto uses = [&](std::string_view table) {
        return std::ranges::any_of(own_, [&](const OwnTable& one) { return one.table == table; });
    };
    count_ = {};
    count({{}, {rules.begin(), rules.end()}});
    return std::ranges::all_of(kOurTables,
                               [&](const char* table) { return uses(table) || clean(table); }) &&
           std::ranges::all_of(own_, [&](const OwnTable& one) { return lay(one, rules); });
}

template <class Ip>
bool OwnChains<Ip>::apply(const RuleDelta& all) {
    const RuleDelta delta = withoutRenewals(all);
    if (delta.empty()) return true;
    if (own_.empty()) {
        log::error("firewall: no chain of {} is laid", Ip::kNames.iptables);
        return false;
    }
    const auto lock = tables_.lock(Patience::Moment);
    if (!lock) return false;
    for (auto own = own_.begin(); own != own_.end(); ++own) {
        if (isStatic(*own) || change(*own, delta)) continue;
        const RuleDelta inverse{delta.add, delta.remove};
        if (!std::all_of(own_.begin(), own, [&](const OwnTable& done) {
                return isStatic(done) || change(done, inverse);
            }))
            log::error("firewall: the tables changed before that could not be restored");
        return false;
    }
    count(delta);
    return true;
}

template <class Ip>
bool OwnChains<Ip>::layJumps(OwnTables own) {
    own_ = std::move(own);
    const auto lock = tables_.lock(Patience::Moment);
    return lock && std::ranges::all_of(own_, [&](const OwnTable& one) {
               return tables_.edit(one.table, [&](Table& table) { return layJumps(one, table); });
           });
}

template <class Ip>
bool OwnChains<Ip>::remove() {
    if (tables_.anyPresent()) {
        const auto lock = tables_.lock(Patience::Long);
        if (!lock ||
            !std::ranges::all_of(kOurTables, [&](const char* table) { return clean(table); }))
            return false;
    }
    own_.clear();
    return true;
}

template <class Ip>
void OwnChains<Ip>::count(const RuleDelta& delta) {
    for (const Per per : kEachPer) {
        std::size_t& number = count_[static_cast<std::size_t>(per)];
        for (const Rule& rule : delta.add) number += numberOf(per, rule);
        for (const Rule& rule : delta.remove) number -= numberOf(per, rule);
    }
}

template <class Ip>
bool OwnChains<Ip>::holdsAll(const OwnChain& chain, Table& table) const {
    if (!table.hasChain(chain.name)) return false;
    const std::size_t rules =
        chain.entry != nullptr ? count_[static_cast<std::size_t>(chain.per)] : 0;
    const Filling<Ip> filling{chain, table};
    return filling.count() == chain.fixed.size() + chain.ending.size() + filling.jumps() + rules;
}

template <class Ip>
bool OwnChains<Ip>::isWhole(const OwnTable& own) const {
    auto table = Table::read(own.table);
    const auto leadsThere = [&](const Jumps& jumps) {
        return table->hasChain(jumps.parent) &&
               std::ranges::all_of(
                   jumps.entries,
                   [&](const Entry& entry) { return table->holds(jumps.parent, entry); }) &&
               (jumps.place != Place::Last ||
                table->endsWithOurs(jumps.parent, jumps.entries.size()));
    };
    return table &&
           std::ranges::all_of(own.chains,
                               [&](const OwnChain& chain) { return holdsAll(chain, *table); }) &&
           std::ranges::all_of(own.jumps, leadsThere);
}

template <class Ip>
const char* OwnChains<Ip>::damaged() const {
    for (const OwnTable& own : own_)
        if (!isWhole(own)) return own.table;
    return nullptr;
}

template <class Ip>
bool OwnChains<Ip>::looksTouched() const {
    return std::ranges::any_of(
        own_, [this](const OwnTable& own) { return tables_.looksTouched(own.table); });
}

template <class Ip>
std::vector<std::optional<Traffic>> OwnChains<Ip>::trafficOf(std::span<const Rule> rules) const {
    std::vector<std::optional<Traffic>> all(rules.size());
    if (own_.empty()) return all;
    const OwnTable& own = own_.back();
    const OwnChain& chain = own.chains.front();
    const auto table = Table::read(own.table);
    if (!table) return all;
    std::vector<Entry> entries;
    std::vector<std::size_t> owners;
    for (std::size_t i = 0; i < rules.size(); ++i)
        for (Entry& entry : entriesOf(chain, rules[i])) {
            entries.push_back(std::move(entry));
            owners.push_back(i);
        }
    const auto counted = table->trafficOf(chain.name, entries);
    std::vector<bool> missing(rules.size());
    for (std::size_t i = 0; i < counted.size(); ++i) {
        std::optional<Traffic>& sum = all[owners[i]];
        if (!counted[i]) missing[owners[i]] = true;
        if (counted[i]) sum = sum.value_or(Traffic{}) + *counted[i];
    }
    for (std::size_t i = 0; i < rules.size(); ++i)
        if (missing[i]) all[i].reset();
    return all;
}

template class OwnChains<IpTables>;
template class OwnChains<Ip6Tables>;

}  // namespace igd::firewall
