// SPDX-License-Identifier: GPL-2.0-or-later
// Kea's lease file is written at its end only: the newest line about an address counts, until Kea
// writes the file anew.
#include "lease_formats.h"

#include <algorithm>
#include <array>

namespace igd::leases {
namespace {

using Fields = std::vector<std::string_view>;

Fields fieldsOf(std::string_view line) {
    Fields fields;
    for (;;) {
        const std::size_t end = line.find(',');
        fields.push_back(line.substr(0, end));
        if (end == std::string_view::npos) return fields;
        line.remove_prefix(end + 1);
    }
}

class Columns {
public:
    explicit Columns(Fields names) : names_(std::move(names)) {}

    /// Empty: there is no such column, or nothing stands in it.
    [[nodiscard]] std::string_view get(const Fields& row, std::string_view name) const {
        const auto found = std::ranges::find(names_, name);
        const auto place = static_cast<std::size_t>(found - names_.begin());
        return place < row.size() ? row[place] : std::string_view{};
    }

private:
    Fields names_;
};

void readRow(const Columns& columns, const Fields& row, Collector& to) {
    const auto address = parseIpAddress(columns.get(row, "address"));
    if (!address) return;
    const std::string_view state = columns.get(row, "state");
    // 0 is a lease, 1 was declined, 2 has ended; a lease that was given back lasts 0 s.
    if (columns.get(row, "valid_lifetime") == "0" || (!state.empty() && state != "0"))
        return to.ended(*address);
    if (columns.get(row, "lease_type") == "2") return;  // a prefix that was delegated
    to.lease(*address, parseMacAddress(columns.get(row, "hwaddr")), columns.get(row, "hostname"));
}

}  // namespace

void readTable(std::string_view file, Collector& to) {
    std::optional<Columns> columns;
    forEachLine(file, [&](std::string_view line) {
        if (columns)
            readRow(*columns, fieldsOf(line), to);
        else
            columns.emplace(fieldsOf(line));
    });
}

}  // namespace igd::leases
