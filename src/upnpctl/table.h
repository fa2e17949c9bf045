// SPDX-License-Identifier: GPL-2.0-or-later
// A table of texts, with columns as wide as they need to be and no wider than the screen.
#pragma once

#include "screen.h"

#include <cstdint>
#include <string>
#include <vector>

namespace igd::ctl {

struct Column {
    std::string heading;
    bool isNumber = false;  ///< stands at the right
    bool isCut = false;     ///< gives way where the screen is too narrow
};

enum class Tone : std::uint8_t { Plain, Refused, Waiting };

/// Returns `text` in the colour of `tone`, where the screen has colours.
[[nodiscard]] std::string toned(const std::string& text, Tone tone, const Screen& screen);

class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// Adds a row of as many cells as there are columns.
    void add(std::vector<std::string> cells, Tone tone = Tone::Plain);
    /// Leaves a column out where no row has anything in it.
    void dropEmptyColumns();
    /// Returns the heading and one line a row. What is cut ends in an ellipsis; the other columns
    /// are whole, whatever the screen is.
    [[nodiscard]] std::string text(const Screen& screen) const;

private:
    struct Row {
        std::vector<std::string> cells;
        Tone tone;
    };
    [[nodiscard]] std::vector<std::size_t> widths(const Screen& screen) const;
    [[nodiscard]] std::string lineOf(const std::vector<std::string>& cells,
                                     const std::vector<std::size_t>& widths,
                                     const Screen& screen) const;

    std::vector<Column> columns_;
    std::vector<Row> rows_;
};

}  // namespace igd::ctl
