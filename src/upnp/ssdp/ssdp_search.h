// SPDX-License-Identifier: GPL-2.0-or-later
// M-SEARCH (UDA 1.1 section 1.3.2): a stranger's datagram read under bounds. Pure.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/util/time.h"

#include <optional>
#include <string_view>

namespace igd::upnp {

/// How the datagram came: to the group, or to our own address.
enum class SearchKind { Multicast, Unicast };

struct Search {
    std::string_view target;  ///< ST; a part of the datagram
    Seconds within{0};        ///< MX, 1..5; 0: it came by unicast
    bool operator==(const Search&) const = default;
};

constexpr std::size_t kMaxSearch = 2048;
constexpr std::size_t kMaxSearchTarget = 256;
constexpr Seconds kLongestWait{5};

/// Reads a search as clients write it: names, method, MAN and HOST in any letter case, LF alone as
/// the end of a line, no empty line at the end, MAN without quotes, no MX. `own` is the address
/// that the search came to; of a search to the group, one of the group's family. Returns nullopt
/// for what gets no answer: another MAN or HOST, an MX that is no number, a folded line, a doubled
/// header (SSDP-MSEARCH-11 to 28).
[[nodiscard]] std::optional<Search> parseSearch(std::string_view datagram, SearchKind kind,
                                                const IpAddress& own);

}  // namespace igd::upnp
