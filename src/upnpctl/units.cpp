// SPDX-License-Identifier: GPL-2.0-or-later
#include "units.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <ctime>

namespace igd::ctl {
namespace {

std::string localTime(std::int64_t time, const char* format) {
    const auto seconds = static_cast<std::time_t>(time);
    std::tm local{};
    std::array<char, 32> text{};
    if (::localtime_r(&seconds, &local) == nullptr) return "?";
    return {text.data(), std::strftime(text.data(), text.size(), format, &local)};
}

}  // namespace

std::string leaseText(std::int64_t seconds) {
    return seconds == 0 ? "for ever" : timeText(seconds);
}

std::string timeText(std::int64_t seconds) {
    const std::int64_t minutes = seconds / 60;
    const std::int64_t hours = minutes / 60;
    if (minutes == 0) return fmt::format("{}s", seconds);
    if (hours == 0) return fmt::format("{}m {:02}s", minutes, seconds % 60);
    if (hours < 24) return fmt::format("{}h {:02}m", hours, minutes % 60);
    return fmt::format("{}d {}h", hours / 24, hours % 24);
}

std::string bytesText(std::int64_t bytes) {
    constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1000) return fmt::format("{} B", bytes);
    double amount = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    for (; amount >= 1000 && unit + 1 < kUnits.size(); ++unit) amount /= 1024;
    return fmt::format("{:.1f} {}", amount, kUnits.at(unit));
}

std::string clockText(std::int64_t time) {
    return localTime(time, "%H:%M:%S");
}

std::string dateText(std::int64_t time) {
    return localTime(time, "%Y-%m-%d %H:%M:%S");
}

}  // namespace igd::ctl
