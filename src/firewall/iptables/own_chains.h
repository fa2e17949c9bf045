// SPDX-License-Identifier: GPL-2.0-or-later
// Our chains in the legacy tables of one family: laid, filled with rules, changed, looked after.
// Several tables cannot be committed at once; when one refuses, the tables before it are put back.
#pragma once

#include "iptables/legacy_tables.h"
#include "iptables/port_chains.h"

#include "upnpd/portmap/firewall.h"

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd::firewall {

/// How many entries a chain of ours has for a rule: one, one for each of its filters, or one for
/// each of these and of its ports.
enum class Per : std::uint8_t { Rule, Peer, PeerAndPort };

/// A chain of ours in a table.
struct OwnChain {
    const char* name;
    std::function<Entry(const Rule&)> entry;  ///< nullptr: it has none for rules
    Per per;
    std::vector<Entry> fixed{};      ///< the entries that it has in any case, before those
    std::vector<Entry> ending{};     ///< and behind them; only with `spread`
    const Spread* spread = nullptr;  ///< how the rules are spread; nullptr: all stand in it
};

/// The place of jumps: as the last rules, and again when others come behind them, is for
/// translations, where the first one wins.
enum class Place : std::uint8_t { Top, End, Last };

/// The entries that lead packets to our chains from a chain of somebody else's.
struct Jumps {
    std::string parent;
    Place place;
    std::vector<Entry> entries;  ///< in their order
};

struct OwnTable {
    const char* table;
    std::vector<OwnChain> chains;
    std::vector<Jumps> jumps;
};
using OwnTables = std::vector<OwnTable>;  ///< in the order in which they are committed

template <class Ip>
class OwnChains {
public:
    explicit OwnChains(const BasicLegacyTables<Ip>& tables) : tables_(tables) {}

    /// Lays `own` and fills it with `rules`; takes ours out of the other tables. The first time it
    /// waits for the lock. False, with a line
    /// in the log: tables before the one that failed are changed.
    [[nodiscard]] bool lay(OwnTables own, std::span<const Rule> rules);

    /// All or nothing; a rule that differs from one in the other list in its timeout alone costs
    /// nothing, for the daemon ends leases here. False, with a line in the log: nothing is changed.
    [[nodiscard]] bool apply(const RuleDelta& delta);

    /// Lays the jumps of `own`, whose chains are those that were laid. False: see the log.
    [[nodiscard]] bool layJumps(OwnTables own);

    /// Takes everything of ours out of all tables; waits for the lock, for that is done at the end.
    /// False, with a line in the log: some is left.
    [[nodiscard]] bool remove();

    /// Returns a table in which our rules are not as they were left; nullptr: none.
    [[nodiscard]] const char* damaged() const;
    [[nodiscard]] bool looksTouched() const;
    /// Returns whether a change cannot be made just now: another program has the lock.
    [[nodiscard]] bool isBusy() const { return !own_.empty() && tables_.isLocked(); }

    /// Returns for each rule what has met its entries in the first chain of the last table, which
    /// is read once; nullopt: not all of them are there.
    [[nodiscard]] std::vector<std::optional<Traffic>> trafficOf(std::span<const Rule> rules) const;

    /// Empty: nothing is laid.
    [[nodiscard]] const OwnTables& laid() const { return own_; }

private:
    using Table = BasicLegacyTable<Ip>;
    using Patience = typename BasicLegacyTables<Ip>::Patience;

    [[nodiscard]] bool layJumps(const OwnTable& own, Table& table) const;
    [[nodiscard]] bool lay(const OwnTable& own, std::span<const Rule> rules) const;
    [[nodiscard]] bool change(const OwnTable& own, const RuleDelta& delta) const;
    [[nodiscard]] static bool fill(const OwnChain& chain, std::span<const Rule> rules,
                                   Table& table);
    [[nodiscard]] bool holdsAll(const OwnChain& chain, Table& table) const;
    [[nodiscard]] bool clean(const char* table) const;
    [[nodiscard]] bool isWhole(const OwnTable& own) const;
    void count(const RuleDelta& delta);

    const BasicLegacyTables<Ip>& tables_;
    OwnTables own_;
    std::array<std::size_t, 3> count_{};  ///< entries for rules, by Per
};

}  // namespace igd::firewall
