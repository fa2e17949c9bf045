// SPDX-License-Identifier: GPL-2.0-or-later
// A MacAddress is a hardware address of Ethernet and the like (EUI-48).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace igd {

struct MacAddress {
    std::array<std::uint8_t, 6> bytes{};
    auto operator<=>(const MacAddress&) const = default;
};

/// Reads six pairs of hexadecimal digits with colons or hyphens between them; otherwise returns
/// nullopt.
[[nodiscard]] std::optional<MacAddress> parseMacAddress(std::string_view text);
/// Returns "00:11:32:aa:bb:cc".
[[nodiscard]] std::string toString(const MacAddress& address);

}  // namespace igd
