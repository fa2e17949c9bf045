// SPDX-License-Identifier: GPL-2.0-or-later
// Clients write their descriptions in the character encoding of their system, and declare that one,
// another one, or none. Here they become UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace igd {

/// Takes what libc has for the encodings that people's systems write: Chinese, Japanese, Korean,
/// Cyrillic, Greek, Turkish, Central European, UTF-16. glibc reads files for it and maps code, so
/// this is called once, before the process is confined; without it, or where an encoding is not
/// installed, toUtf8() does not know that one.
void loadEncodings();

/// Returns `text`, which is in the encoding that `label` names, as UTF-8; what is not of that
/// encoding becomes U+FFFD. The result has at most three times the length. Returns nullopt when the
/// encoding is not known. Letter case and punctuation of the label do not count ("Shift_JIS",
/// "shift-jis"). ISO-8859-1 is read as windows-1252, which has printable characters where the other
/// has control characters, and is always known. For the one thread that has called loadEncodings().
[[nodiscard]] std::optional<std::string> toUtf8(std::string_view text, std::string_view label);

/// Returns `text` as UTF-8: a word of other octets is read as windows-1252, but one that is UTF-8
/// and only cut in the middle of its last character keeps all others.
[[nodiscard]] std::string withOctetsRead(std::string_view text);

/// Returns a document of XML in UTF-8, by its first octets (UTF-16), by `charset` (of the HTTP
/// header; empty: not given), by its own declaration, or by none of them. It may be UTF-8 whatever
/// it declares to be instead of UTF-8. Its declaration still says what it said.
[[nodiscard]] std::string documentInUtf8(std::string_view document, std::string_view charset);

}  // namespace igd
