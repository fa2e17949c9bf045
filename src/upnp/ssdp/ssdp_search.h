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
    Seconds within{0};        ///< MX, 1..5; 0: at once
    bool operator==(const Search&) const = default;
};

constexpr std::size_t kMaxSearch = 2048;
constexpr std::size_t kMaxSearchTarget = 256;
constexpr Seconds kLongestWait{5};

/// `own` is the address that the search came to; of a search to the group, one of the group's
/// family. nullopt: no answer. Header names in any case; a folded line, a doubled ST, a missing
/// blank line, another MAN or HOST make it none (SSDP-MSEARCH-11 to 28).
[[nodiscard]] std::optional<Search> parseSearch(std::string_view datagram, SearchKind kind,
                                                const IpAddress& own);

}  // namespace igd::upnp
