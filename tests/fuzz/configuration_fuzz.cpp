// SPDX-License-Identifier: GPL-2.0-or-later
// upnpd.conf with any content: no crash, every complaint one line, and its line one of the file.
// A file without errors has none in the names of today either.
#include "upnpd/config/import.h"
#include "upnpd/config/settings.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    const auto parsed = igd::parseConfiguration(text, "f");
    for (const auto& diagnostic : parsed.diagnostics) {
        const std::string said = igd::toString(diagnostic);
        if (diagnostic.line > lines || said.find('\n') != std::string::npos) std::abort();
    }
    const auto imported = igd::importConfiguration(text, "f", {});
    if (parsed.ok() && !igd::parseConfiguration(imported.text, "g").ok()) std::abort();
    return 0;
}
