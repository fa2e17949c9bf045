// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/plain_words.h"

#include <fmt/format.h>

#include <array>

namespace igd::upnp {

std::string briefTime(Seconds time) {
    struct Unit {
        Seconds::rep seconds;
        std::string_view name;
    };
    constexpr std::array kUnits{Unit{86400, "d"}, Unit{3600, "h"}, Unit{60, "min"}, Unit{1, "s"}};
    const auto all = time.count();
    for (std::size_t i = 0; i + 1 < kUnits.size(); ++i) {
        const auto& [seconds, name] = kUnits[i];
        if (all < seconds) continue;
        const auto& next = kUnits[i + 1];
        const auto rest = all % seconds / next.seconds;
        if (rest == 0 || next.seconds == 1) return fmt::format("{} {}", all / seconds, name);
        return fmt::format("{} {} {} {}", all / seconds, name, rest, next.name);
    }
    return fmt::format("{} s", all);
}

std::string briefSize(std::uint64_t bytes) {
    constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    constexpr double kStep = 1024;
    constexpr double kMostDigits = 999.5;  // above it would be written with four
    constexpr double kTwoDigits = 9.95;
    if (bytes < 1000) return fmt::format("{} B", bytes);
    double value = static_cast<double>(bytes) / kStep;
    std::size_t unit = 0;
    for (; value >= kMostDigits && unit + 1 < kUnits.size(); ++unit) value /= kStep;
    return fmt::format("{:.{}f} {}", value, value < kTwoDigits ? 1 : 0, kUnits.at(unit));
}

std::string_view plainName(Origin origin) {
    switch (origin) {
        case Origin::Igd:
            return "UPnP";
        case Origin::NatPmp:
            return "NAT-PMP";
        case Origin::Pcp:
            return "PCP";
        case Origin::Static:
            return "configuration";
        case Origin::Admin:
            return "administrator";
    }
    return "unknown";
}

}  // namespace igd::upnp
