// SPDX-License-Identifier: GPL-2.0-or-later
// A lease file that anybody may have written: what is read from it can be written and read again
// unchanged.
#include "upnpd/system/lease_file.h"

#include <cstdlib>
#include <string>

namespace {

std::string written(const igd::Leases& leases, const igd::Now& now) {
    std::string text;
    for (const igd::Mapping& mapping : leases.mappings) text += addLine(mapping, now) + '\n';
    for (const igd::Ipv6Mapping& mapping : leases.ipv6Mappings)
        text += addLine(mapping, now) + '\n';
    for (const igd::Pinhole& pinhole : leases.pinholes) text += addLine(pinhole, now) + '\n';
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd;
    const Now now{TimePoint{} + std::chrono::hours{1}, WallTime{} + Seconds{1'800'000'000}};
    constexpr Seconds kLongest{604800};
    const std::string text{reinterpret_cast<const char*>(data), size};
    const auto leases =
        readLeases(text, now, kLongest, {"boot-1", WallTime{} + Seconds{1'700'000'000}});
    const std::string once = written(leases, now);
    // An end within this second is over when it is written.
    const Now before{now.monotonic - Seconds{1}, now.wall - Seconds{1}};
    const auto reread = readLeases(once, before, kLongest + Seconds{1});
    if (!reread.badLines.empty() || reread.size() != leases.size() ||
        written(reread, before) != once)
        std::abort();
    return 0;
}
