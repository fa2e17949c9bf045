// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/utf8.h"

#include <algorithm>

namespace igd {
namespace {

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// Returns the octets of the character that `lead` begins, 0 when it begins none (RFC 3629
/// section 3).
std::size_t sequenceLength(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    if (lead >= 0xf0 && lead <= 0xf4) return 4;
    return 0;
}

/// Over-long forms, surrogates and characters above U+10FFFF differ in the second octet.
bool secondOctetFits(unsigned char lead, unsigned char second) {
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

}  // namespace

std::size_t utf8Length(std::string_view text) {
    if (text.empty()) return 0;
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = sequenceLength(lead);
    if (length > text.size()) return 0;
    if (length < 2) return length;
    if (!std::ranges::all_of(text.substr(1, length - 1), continues)) return 0;
    return secondOctetFits(lead, static_cast<unsigned char>(text[1])) ? length : 0;
}

bool isUtf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8Length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

bool isCutUtf8(std::string_view text) {
    if (text.empty()) return false;
    const std::size_t length = sequenceLength(static_cast<unsigned char>(text.front()));
    return text.size() < length && std::ranges::all_of(text.substr(1), continues);
}

bool isXmlCharacter(std::string_view character) {
    if (character.size() == 1) {
        const char c = character.front();
        return static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n' || c == '\r';
    }
    return character != "\xef\xbf\xbe" && character != "\xef\xbf\xbf";  // U+FFFE, U+FFFF
}

void appendUtf8(std::string& text, char16_t character) {
    const unsigned value = character;
    if (value < 0x80) {
        text += static_cast<char>(value);
        return;
    }
    if (value < 0x800) {
        text += static_cast<char>(0xc0 | value >> 6U);
    } else {
        text += static_cast<char>(0xe0 | value >> 12U);
        text += static_cast<char>(0x80 | (value >> 6U & 0x3f));
    }
    text += static_cast<char>(0x80 | (value & 0x3f));
}

}  // namespace igd
