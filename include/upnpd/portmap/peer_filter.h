// SPDX-License-Identifier: GPL-2.0-or-later
// Which remote peers a mapping lets in (RFC 6887 section 13.3, option FILTER).
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/port.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// A filter has the form of the wire: a prefix of IPv4 stands in ::ffff:0:0/96, so that its length
/// is 96 or more.
struct PeerFilter {
    Ipv6Prefix remote;
    Port port;  ///< of the peer; 0: any
    auto operator<=>(const PeerFilter&) const = default;
};

/// Most of one mapping; RFC 6887 section 13.3 asks for one at least.
constexpr std::size_t kMaxFilters = 8;

/// The prefix of IPv4 in it; nullopt: it is of IPv6.
[[nodiscard]] std::optional<Ipv4Prefix> ipv4Part(const PeerFilter& filter);

/// Whom `inner` lets in, `outer` lets in.
[[nodiscard]] bool covers(const PeerFilter& outer, const PeerFilter& inner);

/// Adds one; none of `filters` covers another one of them before and after.
void add(std::vector<PeerFilter>& filters, const PeerFilter& filter);

/// Returns the filter with host bits of 0: it is the same, whichever of its addresses named it.
[[nodiscard]] PeerFilter masked(const PeerFilter& filter);

/// "80.1.2.0/24", "2001:db8::/32@53" with a port.
[[nodiscard]] std::string toString(const PeerFilter& filter);
/// Reads that text, and a single address; nullopt for anything else.
[[nodiscard]] std::optional<PeerFilter> parsePeerFilter(std::string_view text);

}  // namespace igd
