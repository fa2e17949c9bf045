// SPDX-License-Identifier: GPL-2.0-or-later
// A lease file that anybody may have written: what is read from it can be written and read again
// unchanged.
#include "lease_lines.h"
#include "lease_reader.h"

#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd;
    const Now now{TimePoint{} + std::chrono::hours{1}, WallTime{} + Seconds{1'800'000'000}};
    constexpr Seconds kLongest{604800};
    const std::string text{reinterpret_cast<const char*>(data), size};
    const auto leases =
        lease::readLeases(text, now, kLongest, {"boot-1", WallTime{} + Seconds{1'700'000'000}});
    std::string written;
    for (const Opening& opening : leases.openings) {
        const auto line = lease::openLine(opening, now);
        if (line.size() > lease::kLongestLine) std::abort();
        written += line + '\n';
    }
    const auto again = lease::readLeases(written, now, kLongest);
    if (!again.badLines.empty() || again.openings != leases.openings) std::abort();
    std::string closed = written;
    for (const Opening& opening : leases.openings)
        closed += lease::closeLine(opening.name()) + '\n';
    if (!lease::readLeases(closed, now, kLongest).openings.empty()) std::abort();
    return 0;
}
