// SPDX-License-Identifier: GPL-2.0-or-later
// Whatever the output is read on: a terminal of some width, or a pipe.
#pragma once

#include <cstddef>
#include <optional>

namespace igd::ctl {

struct Screen {
    std::optional<std::size_t> columns{};  ///< nullopt: lines may be as long as they need to be
    std::optional<std::size_t> lines{};    ///< nullopt: no end
    bool colours = false;
    bool unicode = false;  ///< the characters of UTF-8 are shown

    /// Returns what standard output is: its size is the terminal's, or says COLUMNS; there are
    /// colours unless NO_COLOR is set or TERM is `dumb` or missing; and UTF-8 where the locale has
    /// it, which setlocale(3) must have chosen before.
    [[nodiscard]] static Screen ofOutput();
};

}  // namespace igd::ctl
