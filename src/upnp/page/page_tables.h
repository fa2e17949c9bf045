// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of the page as HTML. Names, descriptions and programs are strangers' texts: each is
// escaped, and stands in an element of its own writing direction. Pure.
#pragma once

#include "upnpd/portmap/opening_row.h"

#include <string>
#include <string_view>
#include <vector>

namespace igd::upnp {

/// The ids of the forms that the buttons in the tables send.
constexpr std::string_view kClosingForm = "close";
constexpr std::string_view kAllowingForm = "allow";
constexpr std::string_view kBlockingForm = "block";

/// The buttons that rows have.
struct RowButtons {
    bool close = false;  ///< sends the row's id
    bool block = false;  ///< sends the address of its client
};

/// Returns the table of those rows that are of `kind`; a sentence in place of a table without
/// mappings, nothing in place of other empty tables. Flows cannot be closed, nor what the
/// configuration has made.
[[nodiscard]] std::string openingsTable(const std::vector<OpeningRow>& rows, OpeningKind kind,
                                        RowButtons buttons);

/// Returns the table of what waits for the administrator's yes, with a button for that if
/// `mayAllow`; nothing where there is nothing.
[[nodiscard]] std::string waitingTable(const std::vector<RefusalRow>& rows, bool mayAllow);

/// Returns the table of what was refused; nothing where there is nothing.
[[nodiscard]] std::string refusalsTable(const std::vector<RefusalRow>& rows);

/// Returns a stranger's text as an element of HTML; nothing for an empty one.
[[nodiscard]] std::string strangersText(std::string_view text);

}  // namespace igd::upnp
