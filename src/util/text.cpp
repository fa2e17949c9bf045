// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/text.h"

#include "upnpd/util/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace igd {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool isPrintableAscii(char c) {
    return c >= 0x20 && c < 0x7f;
}

std::string_view entityFor(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&apos;";
        default:
            return {};
    }
}

/// Returns whether it is a control character of C0 or C1, or DEL.
bool isControl(std::string_view character) {
    const auto first = static_cast<unsigned char>(character.front());
    if (character.size() == 1) return first < 0x20 || first == 0x7f;
    return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const auto first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string toLower(std::string_view text) {
    std::string result{text};
    std::ranges::transform(result, result.begin(), lower);
    return result;
}

std::vector<std::string_view> words(std::string_view text) {
    constexpr std::string_view kBlank = " \t";
    std::vector<std::string_view> result;
    for (auto from = text.find_first_not_of(kBlank); from != std::string_view::npos;) {
        const auto to = std::min(text.find_first_of(kBlank, from), text.size());
        result.push_back(text.substr(from, to - from));
        from = text.find_first_not_of(kBlank, to);
    }
    return result;
}

std::string quoted(std::string_view text, std::size_t limit) {
    std::string result = "\"";
    for (const char c : text.substr(0, limit)) {
        if (isPrintableAscii(c) && c != '"' && c != '\\')
            result += c;
        else
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return result + (text.size() > limit ? "...\"" : "\"");
}

std::string xmlEscaped(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        if (const auto entity = entityFor(c); !entity.empty())
            result += entity;
        else if (isXmlCharacter({&c, 1}))
            result += c;
    }
    return result;
}

std::string cleanUtf8(std::string_view text, std::size_t limit) {
    std::string result;
    while (!text.empty()) {
        const std::size_t length = utf8Length(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
        text.remove_prefix(character.size());
        if (length == 0 || isControl(character) || !isXmlCharacter(character)) continue;
        if (result.size() + length > limit) break;
        result += character;
    }
    return result;
}

}  // namespace igd
