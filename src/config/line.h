// SPDX-License-Identifier: GPL-2.0-or-later
// One line of upnpd.conf is taken apart into key, value, and what follows it.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace igd {

struct ConfigurationLine {
    std::string key;           ///< lower case
    bool hasSeparator = true;  ///< false: `key value`, as linux-igd 0.93 wrote it
    std::string value;         ///< without quotes, comment, `;`
};

/// Returns whether there is nothing but blanks and perhaps a comment.
[[nodiscard]] bool isBlank(std::string_view line);

/// Splits `line` into key and value. The error is a sentence for the administrator.
[[nodiscard]] tl::expected<ConfigurationLine, std::string> splitLine(std::string_view line);

/// Returns `text` without the comment that follows a blank, and without `;` and blanks at its end.
[[nodiscard]] std::string_view withoutComment(std::string_view text);

/// Returns the value of a key, quoted (" or ') or bare. The error is a sentence as above.
[[nodiscard]] tl::expected<std::string, std::string> readValue(std::string_view text);

}  // namespace igd
