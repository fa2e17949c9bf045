// SPDX-License-Identifier: GPL-2.0-or-later
// A lease file of miniupnpd that anybody may have written: what is read from it can be written as
// our own and read again unchanged.
#include "lease_lines.h"
#include "lease_miniupnpd.h"

#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd;
    const Now now{TimePoint{} + std::chrono::hours{1}, WallTime{} + Seconds{1'800'000'000}};
    constexpr Seconds kLongest{604800};
    const std::string text{reinterpret_cast<const char*>(data), size};
    const auto leases =
        lease::readMiniupnpd(text, now, kLongest, {"", WallTime{} + Seconds{1'799'999'000}});
    std::string written;
    for (const Opening& opening : leases.openings) written += lease::openLine(opening, now) + '\n';
    const auto again = lease::readLeases(written, now, kLongest);
    if (!again.badLines.empty() || again.openings != leases.openings) std::abort();
    return 0;
}
