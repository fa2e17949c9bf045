// SPDX-License-Identifier: GPL-2.0-or-later
// Lays our rules in the chains of others through libiptc.
#pragma once

#include "forward/legacy_openings.h"
#include "iptables/legacy_tables.h"
#include "iptables/opening_entry.h"

#include <set>
#include <string>

namespace igd::firewall {

template <class Ip>
class TableOpenings final : public LegacyOpenings {
public:
    /// `tables` must outlive this.
    TableOpenings(const BasicLegacyTables<Ip>& tables, const OpeningForm& form)
        : tables_(tables), form_(form) {}

    [[nodiscard]] std::optional<std::string> rewrite(
        const std::string& table, const std::string& chain,
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
