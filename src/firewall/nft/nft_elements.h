// SPDX-License-Identifier: GPL-2.0-or-later
// Mappings as elements of the maps and sets of our nftables table: pure text.
#pragma once

#include "upnpd/portmap/firewall.h"

#include <span>
#include <string>
#include <string_view>

namespace igd::firewall {

/// What is left of a stranger's description once nothing in it can end a quoted nft string: valid
/// UTF-8 without control characters, double quotes and backslashes, at most 128 bytes (nft's own
/// limit).
[[nodiscard]] std::string nftComment(std::string_view description);

/// A change of mappings, and what it means for the map of outgoing ports (OutgoingPorts).
struct ElementChange {
    const RuleDelta& rules;
    const RuleDelta& outgoing;
    /// The kernel takes a new end for an element that is there (Linux 6.12): a renewal keeps its
    /// counter.
    bool renewsInPlace = false;
};

/// The elements go and come in one transaction, those that go first. One to be removed that the
/// kernel has ended already is no error.
[[nodiscard]] std::string changeScript(const ElementChange& change);

/// All elements of empty maps and sets, one command for each of them.
[[nodiscard]] std::string fillScript(std::span<const Rule> rules, std::span<const Rule> outgoing);

}  // namespace igd::firewall
