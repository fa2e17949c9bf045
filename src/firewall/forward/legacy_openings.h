// SPDX-License-Identifier: GPL-2.0-or-later
// Our rules in the chains of others in the legacy filter table of one family, whoever lays them
// there.
#pragma once

#include "upnpd/inspect/openings.h"
#include "upnpd/portmap/firewall_health.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace igd::firewall {

class LegacyOpenings {
public:
    virtual ~LegacyOpenings() = default;
    /// Makes `openings` the only rules of ours in `chain`, under the lock of iptables. Returns why
    /// the table is as it was; nullopt: it is done.
    [[nodiscard]] virtual std::optional<std::string> rewrite(
        const std::string& table, const std::string& chain,
        std::span<const inspect::Opening> openings) = 0;
    /// Takes chains of ours, and what leads to them, out of all tables that are there: a daemon
    /// with the other back end has left them. False, with a line in the log: some are left.
    [[nodiscard]] virtual bool removeOwnChains() = 0;
    /// Returns the bits of the mark by which the rules know packets of ours; 0: by something else.
    [[nodiscard]] virtual std::uint32_t markBits() const = 0;
    /// Returns how the rules are that rewrite() has left.
    [[nodiscard]] virtual SilentRules look() const = 0;
};

}  // namespace igd::firewall
