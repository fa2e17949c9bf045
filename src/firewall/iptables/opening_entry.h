// SPDX-License-Identifier: GPL-2.0-or-later
// The rule of ours in a legacy chain of somebody else, as the kernel lays it out in memory.
#pragma once

#include "iptables/ip_tables.h"
#include "iptables/ipt_entry.h"

#include "upnpd/inspect/openings.h"

#include <cstdint>
#include <string_view>

namespace igd::firewall {

/// Says by what the rule knows packets of ours, and where it leads.
struct OpeningForm {
    std::string_view tag;        ///< its comment begins with
    std::uint32_t markBits = 0;  ///< 0: packets of ours bear no mark
    bool translated = true;      ///< for flows whose destination was translated, and no others
    const char* target = "ACCEPT";
};

/// [-i IN] [-o OUT] [-p PROTOCOL] [-m mark --mark BITS/BITS] [-m conntrack --ctstate DNAT]
/// [-m conntrack --ctstate NEW] -m comment --comment "TAG: ..." -j TARGET
template <class Ip>
[[nodiscard]] Entry openingEntry(const inspect::Opening& opening, const OpeningForm& form);

}  // namespace igd::firewall
