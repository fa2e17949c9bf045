// SPDX-License-Identifier: GPL-2.0-or-later
// UTF-8, character by character (RFC 3629).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace igd {

/// Returns how many octets the character has that `text` begins with; 0: it begins with none, or is
/// empty.
[[nodiscard]] std::size_t utf8Length(std::string_view text);

/// Returns whether all of `text` is UTF-8.
[[nodiscard]] bool isUtf8(std::string_view text);

/// Returns whether `text` is the beginning of a character, of which octets are missing.
[[nodiscard]] bool isCutUtf8(std::string_view text);

/// Returns whether a UTF-8 character of ours may stand in an XML document (XML 1.0 section 2.2).
[[nodiscard]] bool isXmlCharacter(std::string_view character);

/// Appends a character below U+10000.
void appendUtf8(std::string& text, char16_t character);

}  // namespace igd
