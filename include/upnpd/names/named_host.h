// SPDX-License-Identifier: GPL-2.0-or-later
// A host and the name that it goes by. Names are chosen by strangers: a host tells the DHCP server
// any text.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/mac_address.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

struct NamedHost {
    IpAddress address;
    std::optional<MacAddress> mac{};  ///< nullopt: it is not told
    std::string name{};               ///< as cleanHostName() leaves it; empty: none is told
    bool operator==(const NamedHost&) const = default;
};

/// More are not read, whatever a file holds.
constexpr std::size_t kMaxNamedHosts = 4096;

/// Returns what is left of a name: letters, digits, '.', '_' and '-', at most kMaxHostName octets,
/// a letter or digit first and no dot last. Empty for what reads like an address, so that no host
/// passes for another.
[[nodiscard]] std::string cleanHostName(std::string_view text);

/// Returns "192.168.1.10 02:00:00:00:00:01 nas\n"; "-" stands for what is not told.
[[nodiscard]] std::string lineOf(const NamedHost& host);
/// Reads such lines of a process that may have been taken over; what is no such line is left out.
[[nodiscard]] std::vector<NamedHost> namedHostsIn(std::span<const std::uint8_t> lines);

}  // namespace igd
