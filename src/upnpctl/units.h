// SPDX-License-Identifier: GPL-2.0-or-later
// Times and amounts for people.
#pragma once

#include <cstdint>
#include <string>

namespace igd::ctl {

/// Returns "for ever" (0), "59s", "42m 10s", "1h 58m", "3d 4h".
[[nodiscard]] std::string leaseText(std::int64_t seconds);

/// Returns the same, and "0s".
[[nodiscard]] std::string timeText(std::int64_t seconds);

/// Returns "999 B", "64.0 MiB", "1.2 GiB".
[[nodiscard]] std::string bytesText(std::int64_t bytes);

/// Returns the local time of seconds since 1970: "21:07:03".
[[nodiscard]] std::string clockText(std::int64_t time);

/// Returns the same with the day: "2026-11-29 21:07:03".
[[nodiscard]] std::string dateText(std::int64_t time);

}  // namespace igd::ctl
