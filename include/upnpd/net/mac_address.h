// SPDX-License-Identifier: GPL-2.0-or-later
// Hardware addresses of Ethernet and the like (EUI-48).
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

/// Six pairs of hexadecimal digits with colons or hyphens between them.
[[nodiscard]] std::optional<MacAddress> parseMacAddress(std::string_view text);
/// "00:11:32:aa:bb:cc"
[[nodiscard]] std::string toString(const MacAddress& address);

}  // namespace igd
