// SPDX-License-Identifier: GPL-2.0-or-later
// All that upnpd changes in the legacy tables of one family. It is what needs libiptc; in a build
// without that, no_iptables.cpp stands in its place. Rules are read without it
// (reading/legacy_reader.h).
#pragma once

#include "backends/firewall_part.h"
#include "forward/legacy_openings.h"
#include "iptables/opening_entry.h"
#include "nft/nft_socket.h"

#include "upnpd/firewall/factory.h"

#include <memory>

namespace igd::firewall {

class LegacyIptables {
public:
    virtual ~LegacyIptables() = default;
    /// Returns a table in which somebody keeps rules, as "nat"; nullptr: none.
    [[nodiscard]] virtual const char* firstUsed() const = 0;
    /// Returns whether the table for our openings is to be had. The kernel registers it for good by
    /// that.
    [[nodiscard]] virtual bool isThere() const = 0;
    /// Returns the part that lays openings in these tables, only where isThere(). All must outlive
    /// it.
    [[nodiscard]] virtual std::unique_ptr<FirewallPart> part(const FirewallConfig& config,
                                                             NftSocket& nft) const = 0;
    /// Returns what opens chains of others. This must outlive it.
    [[nodiscard]] virtual std::unique_ptr<LegacyOpenings> openings(
        const OpeningForm& form) const = 0;
};

/// Opens the lock of iptables and the kernel's list of tables, which works without rights later:
/// for mappings, and for pinholes.
[[nodiscard]] std::unique_ptr<LegacyIptables> openLegacyIptables();
[[nodiscard]] std::unique_ptr<LegacyIptables> openLegacyIptables6();

}  // namespace igd::firewall
