// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "upnpd/config/settings.h"

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace igd {

struct Imported {
    std::string text;  ///< an upnpd.conf in the names of today
    /// All that there is to say of the original, in the order of its lines.
    std::vector<Diagnostic> diagnostics;
};

/// Puts a file of miniupnpd or linux-igd into the names of today; each line is named by a comment.
/// Interfaces that it names by their addresses are looked for on `host`.
[[nodiscard]] Imported importConfiguration(std::string_view text, std::string_view fileName,
                                           const HostFacts& host);

/// Does so with the file at `path`. The error says why it cannot be read, or what it is instead.
[[nodiscard]] tl::expected<Imported, std::string> importFile(const std::string& path,
                                                             const HostFacts& host);

}  // namespace igd
