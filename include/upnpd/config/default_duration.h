// SPDX-License-Identifier: GPL-2.0-or-later
// The key `duration` of upnpd.conf says how long a mapping lasts whose client asked for no time.
#pragma once

#include "upnpd/util/time.h"

#include <chrono>
#include <optional>
#include <string_view>

namespace igd {

class DefaultDuration {
public:
    /// Makes a duration without an end.
    DefaultDuration() = default;
    bool operator==(const DefaultDuration&) const = default;

    /// Reads `text`. `N` (seconds) and `H:MM` count from the grant, and 0 has no end; `@N` (seconds
    /// after midnight) and `@HH:MM` are a local time of day. Returns nullopt for anything else.
    [[nodiscard]] static std::optional<DefaultDuration> parse(std::string_view text);

    /// Returns the lease in seconds of a mapping that is granted at `wallNow`; nullopt: no end. A
    /// time of day that has passed, or is less than 60 s away, means the next day's.
    [[nodiscard]] std::optional<Seconds> leaseAt(
        std::chrono::system_clock::time_point wallNow) const;

private:
    Seconds span_{0};
    bool timeOfDay_ = false;
};

/// Returns the seconds in `N` (seconds), `H:MM` or `HH:MM`; nullopt for anything else.
[[nodiscard]] std::optional<Seconds> parseSpan(std::string_view text);

}  // namespace igd
