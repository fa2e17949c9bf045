// SPDX-License-Identifier: GPL-2.0-or-later
// A lease as a text by itself, for those who keep it elsewhere than in the lease file: the line of
// upnpd/system/lease_file.h without its first word. Its times are of the wall clock. Pure, and
// fuzzed.
#pragma once

#include "upnpd/system/lease_file.h"

#include <optional>
#include <string>
#include <string_view>

namespace igd {

/// Longer lines are none of ours.
constexpr std::size_t kLongestLease = 8192;

/// Returns "mapping udp 3074 192.168.1.10:3074 at=... claim=..."; empty for an opening that has no
/// claim but those of upnpd.conf.
[[nodiscard]] std::string leaseText(const Opening& opening, const Now& now);
/// Returns "mapping udp 3074", or "mapping udp 4000 ports=16" for a set.
[[nodiscard]] std::string leaseNameText(const OpeningName& name);

/// Reads what leaseText() wrote; nullopt for anything else. No claim ends later than `longest` from
/// now, or has more left than when it was written; one that has ended ends now.
[[nodiscard]] std::optional<Opening> readLease(std::string_view text, const Now& now,
                                               Seconds longest);
/// Reads what leaseNameText() wrote; nullopt for anything else.
[[nodiscard]] std::optional<OpeningName> readLeaseName(std::string_view text);

/// Returns whether the ledger could have had `opening`: its families and ports agree, and each
/// claim is one that its protocol makes.
[[nodiscard]] bool isSoundLease(const Opening& opening);

}  // namespace igd
