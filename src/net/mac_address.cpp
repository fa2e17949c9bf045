// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/mac_address.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace igd {
namespace {

constexpr std::size_t kTextLength = 17;
constexpr int kHexadecimal = 16;

}  // namespace

std::optional<MacAddress> parseMacAddress(std::string_view text) {
    if (text.size() != kTextLength) return std::nullopt;
    MacAddress address;
    for (std::size_t i = 0; i < address.bytes.size(); ++i) {
        const auto pair = text.substr(3 * i, 2);
        const auto [end, error] = std::from_chars(pair.data(), pair.data() + pair.size(),
                                                  address.bytes.at(i), kHexadecimal);
        if (error != std::errc{} || end != pair.data() + pair.size()) return std::nullopt;
        const char separator = i == 0 ? text[2] : text[3 * i - 1];
        if ((separator != ':' && separator != '-') || separator != text[2]) return std::nullopt;
    }
    return address;
}

std::string toString(const MacAddress& address) {
    return fmt::format("{:02x}", fmt::join(address.bytes, ":"));
}

}  // namespace igd
