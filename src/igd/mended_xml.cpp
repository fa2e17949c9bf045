// SPDX-License-Identifier: GPL-2.0-or-later
#include "mended_xml.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace igd {
namespace {

constexpr std::size_t kLongestReference = 12;  // "&#x0010FFFF;"

/// XML 1.0 section 2.2.
bool isAllowedInXml(std::uint32_t character) {
    if (character < 0x20) return character == '\t' || character == '\n' || character == '\r';
    if (character >= 0xd800 && character < 0xe000) return false;
    return character != 0xfffe && character != 0xffff && character <= 0x10ffff;
}

/// Returns whether the name between '&' and ';' stands for a character.
bool isKnownReference(std::string_view name) {
    constexpr std::array<std::string_view, 5> kPredefined{"amp", "lt", "gt", "quot", "apos"};
    if (!name.starts_with('#')) return std::ranges::find(kPredefined, name) != kPredefined.end();
    const bool isHex = name.starts_with("#x");
    const auto number = parseUnsigned<std::uint32_t>(name.substr(isHex ? 2 : 1), isHex ? 16 : 10);
    return number && isAllowedInXml(*number);
}

bool beginsReference(std::string_view text) {
    const auto end = text.substr(0, kLongestReference).find(';');
    return end != std::string_view::npos && isKnownReference(text.substr(1, end - 1));
}

bool beginsMarkup(std::string_view text) {
    if (text.size() < 2) return false;
    const char next = text[1];
    const bool isLetter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
    return isLetter || std::string_view{"/!?_:"}.find(next) != std::string_view::npos ||
           static_cast<unsigned char>(next) >= 0x80;
}

/// Returns the character that `text` begins with as it may stand there.
std::string_view mendedCharacter(std::string_view text, std::string_view character) {
    if (character == "&" && !beginsReference(text)) return "&amp;";
    if (character == "<" && !beginsMarkup(text)) return "&lt;";
    return isXmlCharacter(character) ? character : std::string_view{};
}

}  // namespace

std::string mendedXml(std::string_view xml) {
    std::string result;
    result.reserve(xml.size());
    while (!xml.empty()) {
        const auto character = xml.substr(0, std::max<std::size_t>(utf8Length(xml), 1));
        result += mendedCharacter(xml, character);
        xml.remove_prefix(character.size());
    }
    return result;
}

}  // namespace igd
