// SPDX-License-Identifier: GPL-2.0-or-later
#include "bare_ampersands.h"

#include <algorithm>
#include <array>

namespace igd {
namespace {

constexpr std::size_t kLongestReference = 12;  // "&#x0010FFFF;"

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isHexDigit(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Returns whether the name between '&' and ';' is a known one.
bool isKnown(std::string_view name) {
    constexpr std::array<std::string_view, 5> kPredefined{"amp", "lt", "gt", "quot", "apos"};
    if (name.starts_with("#x"))
        return name.size() > 2 && std::ranges::all_of(name.substr(2), isHexDigit);
    if (name.starts_with('#'))
        return name.size() > 1 && std::ranges::all_of(name.substr(1), isDigit);
    return std::ranges::find(kPredefined, name) != kPredefined.end();
}

bool beginsReference(std::string_view text) {
    const auto end = text.substr(0, kLongestReference).find(';');
    return end != std::string_view::npos && isKnown(text.substr(1, end - 1));
}

}  // namespace

std::string withBareAmpersandsEscaped(std::string_view xml) {
    std::string result;
    result.reserve(xml.size());
    while (!xml.empty()) {
        const auto plain = std::min(xml.find('&'), xml.size());
        result += xml.substr(0, plain);
        xml.remove_prefix(plain);
        if (xml.empty()) break;
        result += beginsReference(xml) ? "&" : "&amp;";
        xml.remove_prefix(1);
    }
    return result;
}

}  // namespace igd
