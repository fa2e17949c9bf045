// SPDX-License-Identifier: GPL-2.0-or-later
// Pinholes as text for nftables: a table of our own, `ip6 upnpd`, and the elements of its sets.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/pinhole.h"

#include <span>
#include <string>

namespace igd::firewall {

/// Deletes the table if it is there and lays it anew, empty. Its chain stands on the forward hook
/// at `priority` and marks the packets of pinholes, both ways through `external`.
[[nodiscard]] std::string pinholeTableScript(const InterfaceName& external, int priority);

[[nodiscard]] std::string deletePinholeTableScript();

/// The elements of all `rules`.
[[nodiscard]] std::string pinholeFillScript(std::span<const PinholeRule> rules);

/// Takes out what goes, puts in what comes; with `renewsInPlace` a rule in both lists stays and
/// gets its new timeout.
[[nodiscard]] std::string pinholeChangeScript(const PinholeDelta& delta, bool renewsInPlace);

/// Asks for the element of one rule; the answer holds its counter.
[[nodiscard]] std::string pinholeQuery(const PinholeRule& rule);

/// The packets in nft's answer to that (which is never JSON: libnftables has none for it); nullopt
/// when there are none in it.
[[nodiscard]] std::optional<std::uint64_t> packetsIn(std::string_view answer);

}  // namespace igd::firewall
