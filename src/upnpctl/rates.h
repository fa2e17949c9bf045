// SPDX-License-Identifier: GPL-2.0-or-later
// Bytes become bytes a second: two looks at what is open are compared.
#pragma once

#include "daemon.h"
#include "screen.h"

#include "upnpd/util/time.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace igd::ctl {

/// An opening with what goes through it.
struct Used {
    Json opening;
    std::optional<double> rate{};  ///< bytes a second; nullopt: it is not counted, or is new
};

class Rates {
public:
    /// Returns `openings` as they are `now`, the busiest first, and of equals the one with more
    /// bytes.
    [[nodiscard]] std::vector<Used> take(const std::vector<Json>& openings, TimePoint now);

private:
    struct Look {
        std::int64_t bytes;
        TimePoint at;
    };
    std::map<std::string, Look> before_;
};

/// Returns a table of `used`, and above it how many there are and what goes through them all. At
/// most as many lines as the screen has.
[[nodiscard]] std::string ratesText(const std::vector<Used>& used, std::int64_t time,
                                    const Screen& screen = {});

}  // namespace igd::ctl
