// SPDX-License-Identifier: GPL-2.0-or-later
// Text of strangers is made fit here for a log line, an XML document or a table.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// Returns `text` without blanks, tabs, CR and LF at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Returns whether both are equal but for the case of ASCII letters.
[[nodiscard]] bool equalsIgnoringCase(std::string_view a, std::string_view b);

[[nodiscard]] std::string toLower(std::string_view text);

/// Returns the words of `text`, which blanks and tabs part.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

/// Returns at most `limit` bytes of `text` in double quotes. A quote, a backslash and what is not
/// printable ASCII become \xNN; "..." shows a cut. The result is always one line, fit for the log.
[[nodiscard]] std::string quoted(std::string_view text, std::size_t limit = 64);

/// Returns `text` with the five characters that XML reserves as entities. Characters that XML 1.0
/// section 2.2 does not allow are dropped.
[[nodiscard]] std::string xmlEscaped(std::string_view text);

/// Returns valid UTF-8 without control characters and of at most `limit` bytes, cut between two
/// characters. Bytes that are not UTF-8 are dropped.
[[nodiscard]] std::string cleanUtf8(std::string_view text, std::size_t limit);

}  // namespace igd
