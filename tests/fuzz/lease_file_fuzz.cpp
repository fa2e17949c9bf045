// SPDX-License-Identifier: GPL-2.0-or-later
// A lease file that anybody may have written: what is read from it can be written and read again unchanged.
#include "upnpd/system/lease_file.h"

#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd;
    const Now now{TimePoint{} + std::chrono::hours{1}, WallTime{} + Seconds{1'800'000'000}};
    constexpr Seconds kLongest{604800};
    const std::string text{reinterpret_cast<const char*>(data), size};
    const auto leases = readLeases(text, now, kLongest, {"boot-1", WallTime{} + Seconds{1'700'000'000}});
    std::string again;
    for (const Mapping& mapping : leases.mappings) again += addLine(mapping, now) + '\n';
    for (const Ipv6Mapping& mapping : leases.ipv6Mappings) again += addLine(mapping, now) + '\n';
    std::string pinholes;
    for (const Pinhole& pinhole : leases.pinholes) pinholes += addLine(pinhole, now) + '\n';
    again += pinholes;
    const auto reread = readLeases(again, now, kLongest);
    for (const Pinhole& pinhole : reread.pinholes)
        if (pinholes.find(addLine(pinhole, now) + '\n') == std::string::npos) std::abort();
    if (reread.pinholes.size() != leases.pinholes.size()) std::abort();
    if (reread.mappings != leases.mappings || reread.ipv6Mappings != leases.ipv6Mappings ||
        !reread.badLines.empty())
        std::abort();
    return 0;
}
