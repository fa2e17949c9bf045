// SPDX-License-Identifier: GPL-2.0-or-later
// `duration` of upnpd.conf: how long a mapping lasts whose client asked for no time.
#pragma once

#include "upnpd/util/time.h"

#include <chrono>
#include <optional>
#include <string_view>

namespace igd {

class DefaultDuration {
public:
    /// For ever.
    DefaultDuration() = default;
    bool operator==(const DefaultDuration&) const = default;

    /// `N` and `H:MM` count from the grant, 0 is for ever; `@N` (seconds after midnight) and
    /// `@HH:MM` are a local time of day. nullopt for anything else.
    [[nodiscard]] static std::optional<DefaultDuration> parse(std::string_view text);

    /// The lease of a mapping granted at `wallNow`; nullopt is for ever. A time of day that has
    /// passed, or is less than 60 s away, means the next day's.
    [[nodiscard]] std::optional<Seconds> leaseAt(
        std::chrono::system_clock::time_point wallNow) const;

private:
    Seconds span_{0};
    bool timeOfDay_ = false;
};

/// `N` (seconds) or `H:MM`, `HH:MM`; nullopt for anything else.
[[nodiscard]] std::optional<Seconds> parseSpan(std::string_view text);

}  // namespace igd
