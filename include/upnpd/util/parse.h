// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers are read strictly: the whole text or nothing.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace igd {

/// Reads digits of `base` only: no sign, no blank, no prefix, nothing behind. Returns nullopt when
/// `text` is not of that form or does not fit T.
template <std::unsigned_integral T>
[[nodiscard]] std::optional<T> parseUnsigned(std::string_view text, int base = 10) {
    T value{};
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value, base);
    if (text.empty() || error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

}  // namespace igd
