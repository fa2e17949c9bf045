// SPDX-License-Identifier: GPL-2.0-or-later
// A Word is a value that a rule compares: an address, a port, a mark, the name of an interface.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/port.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

namespace igd::inspect {

/// Numbers and addresses stand at the right end in network order, names at the left end with NULs
/// behind. So an order of octets is the order of the values, and "eth*" is the interval from "eth"
/// to "eth\xff\xff...".
struct Word {
    static constexpr std::size_t kSize = 16;
    std::array<std::uint8_t, kSize> octets{};

    auto operator<=>(const Word&) const = default;

    friend constexpr Word operator&(Word a, const Word& b) {
        for (std::size_t i = 0; i < kSize; ++i) a.octets[i] &= b.octets[i];
        return a;
    }
    friend constexpr Word operator|(Word a, const Word& b) {
        for (std::size_t i = 0; i < kSize; ++i) a.octets[i] |= b.octets[i];
        return a;
    }
    friend constexpr Word operator^(Word a, const Word& b) {
        for (std::size_t i = 0; i < kSize; ++i) a.octets[i] ^= b.octets[i];
        return a;
    }
};

constexpr Word wordOf(std::uint64_t number) {
    Word word;
    for (std::size_t i = 0; i < sizeof number; ++i)
        word.octets[Word::kSize - 1 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    return word;
}

inline Word wordOf(const IpAddress& address) {
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&address))
        return wordOf(std::uint64_t{ipv4->value()});
    Word word;
    std::ranges::copy(std::get<Ipv6Address>(address).bytes(), word.octets.begin());
    return word;
}

/// A longer name counts by its first sixteen octets; the kernel has none.
constexpr Word wordOfName(std::string_view name) {
    Word word;
    for (std::size_t i = 0; i < std::min(name.size(), Word::kSize); ++i)
        word.octets[i] = static_cast<std::uint8_t>(name[i]);
    return word;
}

inline constexpr Word kAllOnes = [] {
    Word word;
    word.octets.fill(0xff);
    return word;
}();

}  // namespace igd::inspect
