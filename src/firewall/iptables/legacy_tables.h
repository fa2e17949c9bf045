// SPDX-License-Identifier: GPL-2.0-or-later
// The legacy tables of ip_tables and ip6_tables through libiptc: a table is read, changed in memory
// and committed whole, while the lock that the iptables programs use is held.
#pragma once

#include "iptables/ipt_entry.h"
#include "iptables/legacy_presence.h"
#include "names.h"

#include "upnpd/portmap/opening_row.h"
#include "upnpd/util/unique_fd.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct xtc_handle;

namespace igd::firewall {

struct IpTables;   ///< IPv4
struct Ip6Tables;  ///< IPv6

/// A table as it was read. Changes reach the kernel with commit(). A false answer leaves errno set
/// by libiptc.
template <class Ip>
class BasicLegacyTable {
public:
    [[nodiscard]] static std::optional<BasicLegacyTable> read(const char* table);

    [[nodiscard]] bool hasChain(const std::string& chain) const;
    [[nodiscard]] bool append(const std::string& chain, const Entry& entry);
    /// Puts `entry` behind the first `number` rules of `chain`.
    [[nodiscard]] bool insert(const std::string& chain, const Entry& entry, std::size_t number = 0);
    /// Takes one rule that is `entry` in every byte out of `chain`; none is there: success.
    [[nodiscard]] bool erase(const std::string& chain, const Entry& entry);

    [[nodiscard]] bool eraseNumber(const std::string& chain, std::size_t number);

    [[nodiscard]] bool createChain(const std::string& chain);
    /// It must be empty, and nothing may lead to it.
    [[nodiscard]] bool eraseChain(const std::string& chain);
    /// There is a chain of ours, or a rule of ours that opens a chain of others.
    [[nodiscard]] bool holdsOurs() const;
    /// There is a chain of ours.
    [[nodiscard]] bool holdsOwnChain() const;
    /// No rule of ours that opens it is left in `chain`.
    [[nodiscard]] bool eraseOpenings(const std::string& chain);
    /// Nothing leads to our chains from those of others, in which no other rule of ours is left
    /// either.
    [[nodiscard]] bool eraseReferences();
    /// Our chains, what leads to them and our rules in chains of others are gone.
    [[nodiscard]] bool removeOurs();

    [[nodiscard]] std::size_t countRules(const std::string& chain) const;
    /// A rule as it was read, and the name of its target: libiptc's, or a chain's.
    struct Seen {
        Entry entry;
        std::string target;
    };
    [[nodiscard]] std::vector<Seen> rules(const std::string& chain) const;
    /// Returns whether the last `count` rules of `chain` lead to chains of ours.
    [[nodiscard]] bool endsWithOurs(const std::string& chain, std::size_t count) const;
    /// Returns for each entry what has met a rule in `chain` that is the entry in header, matches
    /// and target's name; nullopt: there is none. Quick when both have one order.
    [[nodiscard]] std::vector<std::optional<Traffic>> trafficOf(
        const std::string& chain, std::span<const Entry> entries) const;
    /// A rule that is `entry` in header, matches and target's name stands in `chain`.
    [[nodiscard]] bool holds(const std::string& chain, const Entry& entry) const;

    /// Somebody else's rule, chain or policy stands in it.
    [[nodiscard]] bool isUsed() const;

    [[nodiscard]] bool commit();

private:
    struct Free {
        void operator()(xtc_handle* handle) const noexcept;
    };
    explicit BasicLegacyTable(xtc_handle* handle) : handle_(handle) {}
    [[nodiscard]] std::vector<std::string> chains() const;
    template <class IsOurs>
    [[nodiscard]] bool eraseWhere(const std::string& chain, IsOurs isOurs);
    template <class Is>
    [[nodiscard]] bool anyRule(const std::string& chain, Is is) const;

    std::unique_ptr<xtc_handle, Free> handle_;
};

template <class Ip>
class BasicLegacyTables {
public:
    using Table = BasicLegacyTable<Ip>;

    /// The kernel's summary of a table (struct ipt_getinfo): number of rules
    /// and their size, where each hook begins and ends.
    using Shape = std::vector<unsigned int>;

    /// Opens the lock file and the kernel's list of tables, and keeps both.
    BasicLegacyTables();

    /// How long lock() waits while another process has the lock. In the event loop a change begins
    /// when isLocked() has said that nobody has it: a moment is for who was quicker.
    enum class Patience : std::uint8_t { Moment, Long };

    /// Held until the end of its life.
    class Lock {
    public:
        explicit Lock(int fd) : fd_(fd) {}
        Lock(Lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;
        Lock& operator=(Lock&&) = delete;
        ~Lock();

    private:
        int fd_;
    };
    /// nullopt, with a line in the log: another process has it.
    [[nodiscard]] std::optional<Lock> lock(Patience patience) const;
    /// Returns whether another process has it just now.
    [[nodiscard]] bool isLocked() const;
    /// The kernel has one of the tables that can hold rules of ours: without one there is nothing
    /// that the lock would protect.
    [[nodiscard]] bool anyPresent() const;

    /// The kernel has `table` for this network namespace, or, where its list of them is root's
    /// alone to read, for any; looking loads no module.
    [[nodiscard]] bool present(const char* table) const;
    /// A present table in which somebody keeps rules, as "nat"; nullptr: none.
    [[nodiscard]] const char* firstUsed() const;

    /// The kernel has that revision of a target, or of a match, of ip_tables.
    [[nodiscard]] bool hasTarget(const char* name, std::uint8_t revision) const;
    [[nodiscard]] bool hasMatch(const char* name, std::uint8_t revision) const;

    /// `table` has another size or other hooks than when we last committed it: one system call,
    /// whatever the number of rules. False for a table that we never committed.
    [[nodiscard]] bool looksTouched(const std::string& table) const;

    /// Reads `table`, lets `change` work on it and commits; again from the start when somebody else
    /// was quicker. False, with a line in the log: the table is as it was.
    [[nodiscard]] bool edit(const char* table, const std::function<bool(Table&)>& change) const;

private:
    [[nodiscard]] bool tryLock() const;
    [[nodiscard]] bool has(int question, const char* name, std::uint8_t revision) const;
    void remember(const std::string& table) const;

    UniqueFd lock_;
    mutable int lockError_;  ///< errno of its opening, until it was told
    LegacyPresence<Ip> presence_;
    UniqueFd query_;  ///< any socket of the family answers questions about tables
    mutable std::map<std::string, Shape> left_;  ///< by table: as our last commit left it
};

using LegacyTable = BasicLegacyTable<IpTables>;
using LegacyTables = BasicLegacyTables<IpTables>;
using LegacyTable6 = BasicLegacyTable<Ip6Tables>;
using LegacyTables6 = BasicLegacyTables<Ip6Tables>;

}  // namespace igd::firewall
