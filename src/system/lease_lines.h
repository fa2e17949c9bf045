// SPDX-License-Identifier: GPL-2.0-or-later
// The lines of the lease file, as upnpd/system/lease_file.h describes them. Pure, and fuzzed.
#pragma once

#include "lease_words.h"

#include <optional>
#include <string>
#include <string_view>

namespace igd::lease {

/// Returns the line without its end, as all of these.
[[nodiscard]] std::string clockLine(const Now& now, const std::string& bootId);
/// Returns an empty string for an opening that has no claim but the administrator's.
[[nodiscard]] std::string openLine(const Opening& opening, const Now& now);
[[nodiscard]] std::string closeLine(const OpeningName& name);

/// Returns `text` as it stands in a line: a blank, a semicolon and a percent sign become %XX.
[[nodiscard]] std::string escaped(std::string_view text);

/// Reads what follows `open`; nullopt: none of ours, or not sound.
[[nodiscard]] std::optional<Opening> parseOpen(std::string_view text, const FileClock& clock);
/// Reads what follows `close`; nullopt: none of ours.
[[nodiscard]] std::optional<OpeningName> parseClose(std::string_view text);

}  // namespace igd::lease
