// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace igd {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool isPrintableAscii(char c) {
    return c >= 0x20 && c < 0x7f;
}

bool isXmlChar(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || c == '\t' || c == '\n' || c == '\r';
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

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// Returns the bytes of the UTF-8 character that `lead` begins, 0 when it begins none (RFC 3629
/// section 3).
std::size_t sequenceLength(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    if (lead >= 0xf0 && lead <= 0xf4) return 4;
    return 0;
}

/// Over-long forms, surrogates and characters above U+10FFFF differ in the second byte.
bool secondByteFits(unsigned char lead, unsigned char second) {
    switch (lead) {
        case 0xe0:
            return second >= 0xa0;
        case 0xed:
            return second <= 0x9f;
        case 0xf0:
            return second >= 0x90;
        case 0xf4:
            return second <= 0x8f;
        default:
            return true;
    }
}

/// Returns the length of the valid character at the start of `text`, 0 when there is none.
std::size_t characterLength(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = sequenceLength(lead);
    if (length == 0 || length > text.size()) return 0;
    if (!std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length),
                     continues))
        return 0;
    if (length > 1 && !secondByteFits(lead, static_cast<unsigned char>(text[1]))) return 0;
    return length;
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
            fmt::format_to(std::back_inserter(result), "\\x{:02x}", static_cast<unsigned char>(c));
    }
    return result + (text.size() > limit ? "...\"" : "\"");
}

std::string xmlEscaped(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        if (const auto entity = entityFor(c); !entity.empty())
            result += entity;
        else if (isXmlChar(c))
            result += c;
    }
    return result;
}

std::string cleanUtf8(std::string_view text, std::size_t limit) {
    std::string result;
    while (!text.empty()) {
        const std::size_t length = characterLength(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
        text.remove_prefix(character.size());
        if (length == 0 || isControl(character)) continue;
        if (result.size() + length > limit) break;
        result += character;
    }
    return result;
}

}  // namespace igd
