// SPDX-License-Identifier: GPL-2.0-or-later
// The programs iptables-nft and ip6tables-nft, for the one rule in a chain that it manages: they
// alone can list the table afterwards.
#pragma once

#include "names.h"

#include <cstdint>
#include <string>

namespace igd::firewall::iptables_nft {

enum class Place { Top, End };

/// The rule: it accepts packets of `family` with all of those bits in their mark.
struct Opening {
    const Family& family;
    std::uint32_t markBits = 0;
};

/// Our accept rule stands in `chain` of table filter afterwards, once. False: the program is
/// missing, or would not (the table holds rules in nft's own form).
[[nodiscard]] bool open(const std::string& chain, Place place, const Opening& opening);

/// Takes every such rule out of `chain`. False: there was none, or the program is missing or would
/// not.
bool close(const std::string& chain, const Opening& opening);

}  // namespace igd::firewall::iptables_nft
