// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include "shown_text.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace igd::ctl {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;  // of a column that is cut

std::size_t totalOf(const std::vector<std::size_t>& widths) {
    return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
}

/// A heading is whole, too.
std::size_t narrowest(const Column& column) {
    return std::max(kNarrowest, columnsOf(column.heading));
}

}  // namespace

std::string toned(const std::string& text, Tone tone, const Screen& screen) {
    if (!screen.colours || tone == Tone::Plain) return text;
    return (tone == Tone::Refused ? "\x1b[31m" : "\x1b[33m") + text + "\x1b[0m";
}

void Table::add(std::vector<std::string> cells, Tone tone) {
    cells.resize(columns_.size());
    rows_.push_back({std::move(cells), tone});
}

void Table::dropEmptyColumns() {
    for (std::size_t i = columns_.size(); i-- > 0;) {
        const bool isUsed =
            std::ranges::any_of(rows_, [&](const Row& row) { return !row.cells[i].empty(); });
        if (isUsed) continue;
        const auto at = static_cast<std::ptrdiff_t>(i);
        columns_.erase(columns_.begin() + at);
        for (Row& row : rows_) row.cells.erase(row.cells.begin() + at);
    }
}

/// The widest column that may be cut gives way first, column by column of the screen.
std::vector<std::size_t> Table::widths(const Screen& screen) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        widths.push_back(columnsOf(columns_[i].heading));
        for (const Row& row : rows_) widths[i] = std::max(widths[i], columnsOf(row.cells[i]));
    }
    while (screen.columns && totalOf(widths) > *screen.columns) {
        std::size_t* widest = nullptr;
        for (std::size_t i = 0; i < columns_.size(); ++i)
            if (columns_[i].isCut && widths[i] > narrowest(columns_[i]) &&
                (widest == nullptr || widths[i] > *widest))
                widest = &widths[i];
        if (widest == nullptr) break;
        --*widest;
    }
    return widths;
}

std::string Table::lineOf(const std::vector<std::string>& cells,
                          const std::vector<std::size_t>& widths, const Screen& screen) const {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string cell =
            columns_[i].isCut ? cutTo(cells[i], widths[i], screen.unicode) : cells[i];
        const std::string blanks(widths[i] - std::min(widths[i], columnsOf(cell)), ' ');
        line += columns_[i].isNumber ? blanks + cell : cell + blanks;
        if (i + 1 < cells.size()) line.append(kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string Table::text(const Screen& screen) const {
    const auto widths = this->widths(screen);
    std::vector<std::string> headings;
    for (const Column& column : columns_) headings.push_back(column.heading);
    std::string text = lineOf(headings, widths, screen) + "\n";
    for (const Row& row : rows_)
        text += toned(lineOf(row.cells, widths, screen), row.tone, screen) + "\n";
    return text;
}

}  // namespace igd::ctl
