// SPDX-License-Identifier: GPL-2.0-or-later
// Texts of strangers on a terminal: measured in columns, without anything that moves the cursor or
// turns the direction of writing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace igd::ctl {

/// Returns how many columns of a terminal `text` takes, which is clean UTF-8.
[[nodiscard]] std::size_t columnsOf(std::string_view text);

/// Returns as much of `text` as fits into `columns`; where something is left out, "..." or, with
/// `unicode`, one character stands at its end.
[[nodiscard]] std::string cutTo(std::string_view text, std::size_t columns, bool unicode);

/// Returns `text` in double quotes. Quotes, backslashes and whatever is no visible character become
/// \xNN, and so does everything beyond ASCII without `unicode`.
[[nodiscard]] std::string shown(std::string_view text, bool unicode);

}  // namespace igd::ctl
