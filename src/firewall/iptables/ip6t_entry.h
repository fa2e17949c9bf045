// SPDX-License-Identifier: GPL-2.0-or-later
// The rules for pinholes as the kernel's ip6_tables lays them out in memory.
#pragma once

#include "iptables/ipt_entry.h"

namespace igd::firewall {

/// Both directions of the pinhole's flows and the ICMPv6 errors that belong to them, and nothing
/// else: -m conntrack --ctproto P --ctorigdst C --ctorigdstport I [--ctorigsrc R] [--ctorigsrcport
/// S] -j ACCEPT
/// The first of several filters stands for the rule: see eachPeer().
[[nodiscard]] Entry pinholeAcceptEntry(const Rule& rule);

/// Marks these flows: -j MARK --set-xmark BITS/BITS
[[nodiscard]] Entry pinholeMarkEntry(const Rule& rule, std::uint32_t bits);

/// -j MARK --set-xmark 0/BITS: see clearMarkEntry()
[[nodiscard]] Entry clearPinholeMarkEntry(std::uint32_t bits);

/// -i IN -o OUT -j CHAIN
[[nodiscard]] Entry pinholeJumpEntry(const std::optional<InterfaceName>& in,
                                     const std::optional<InterfaceName>& out, const char* chain);

}  // namespace igd::firewall
