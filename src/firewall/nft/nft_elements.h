// SPDX-License-Identifier: GPL-2.0-or-later
// Rules as elements of the maps and sets of our nftables tables: pure text.
#pragma once

#include "upnpd/portmap/firewall.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igd::firewall {

/// Returns what is left of a client's description once nothing in it can end a quoted nft string:
/// valid UTF-8 without control characters, double quotes and backslashes, at most 128 bytes (nft's
/// own limit).
[[nodiscard]] std::string nftComment(std::string_view description);

/// A change of rules, and its consequence for the map of outgoing ports (OutgoingPorts).
struct ElementChange {
    const RuleDelta& rules;
    const RuleDelta& outgoing;
    /// The kernel takes a new end for an element that is there (Linux 6.12): a renewal keeps its
    /// counter.
    bool renewsInPlace = false;
};

/// Returns one transaction: the elements that go first, then those that come. An element to be
/// removed that the kernel has ended already is no error.
[[nodiscard]] std::string changeScript(const ElementChange& change);

/// Returns all elements of empty maps and sets, one command for each map or set.
[[nodiscard]] std::string fillScript(std::span<const Rule> rules,
                                     std::span<const Rule> outgoing = {});

/// Returns the commands that ask for the elements of a pinhole; each answer holds a counter.
[[nodiscard]] std::vector<std::string> pinholeQueries(const Rule& rule);

/// Returns the packets in nft's answer to one of them (which is never JSON: libnftables has none
/// for it); nullopt when there are none in it.
[[nodiscard]] std::optional<std::uint64_t> packetsIn(std::string_view answer);

}  // namespace igd::firewall
