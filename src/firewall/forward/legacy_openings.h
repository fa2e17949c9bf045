// SPDX-License-Identifier: GPL-2.0-or-later
// Our rules in the chains of others in the legacy filter table of one family.
#pragma once

#include "iptables/legacy_tables.h"
#include "iptables/opening_entry.h"

#include "upnpd/firewall/factory.h"
#include "upnpd/inspect/openings.h"
#include "upnpd/portmap/firewall_health.h"

#include <set>
#include <span>
#include <string>

namespace igd::firewall {

class LegacyOpenings {
public:
    virtual ~LegacyOpenings() = default;
    /// Makes `openings` the only rules of ours in `chain`, under the lock of iptables. False, with
    /// a line in the log: the table is as it was.
    [[nodiscard]] virtual bool rewrite(const std::string& table, const std::string& chain,
                                       std::span<const inspect::Opening> openings) = 0;
    /// Takes chains of ours, and what leads to them, out of all tables that are there: a daemon
    /// with the other back end has left them. False, with a line in the log: some are left.
    [[nodiscard]] virtual bool removeOwnChains() = 0;
    /// Returns the bits of the mark by which the rules know packets of ours; 0: by something else.
    [[nodiscard]] virtual std::uint32_t markBits() const = 0;
    /// Returns how the rules are that rewrite() has left.
    [[nodiscard]] virtual SilentRules look() const = 0;
};

template <class Ip>
class LegacyOpeningsOf final : public LegacyOpenings {
public:
    /// `tables` must outlive this.
    LegacyOpeningsOf(const BasicLegacyTables<Ip>& tables, const OpeningForm& form)
        : tables_(tables), form_(form) {}

    [[nodiscard]] bool rewrite(const std::string& table, const std::string& chain,
                               std::span<const inspect::Opening> openings) override;
    [[nodiscard]] bool removeOwnChains() override;
    [[nodiscard]] std::uint32_t markBits() const override { return form_.markBits; }
    [[nodiscard]] SilentRules look() const override;

private:
    const BasicLegacyTables<Ip>& tables_;
    OpeningForm form_;
    std::set<std::string> opened_;  ///< tables that hold rules of ours
};

}  // namespace igd::firewall
