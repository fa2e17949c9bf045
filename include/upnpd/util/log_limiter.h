// SPDX-License-Identifier: GPL-2.0-or-later
// Log lines that a client can cause: each is written once, then counted. A client that asks for the
// same in vain sixty times a minute gets one line, and sixty seconds later "(and 59 more in 60 s)".
#pragma once

#include "upnpd/util/log.h"
#include "upnpd/util/time.h"

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace igd {

class LogLimiter {
public:
    /// Lines that one host causes in a period; further ones are counted together.
    static constexpr std::size_t kLinesPerHost = 20;
    static constexpr Seconds kPeriod{60};
    /// Hosts that are told apart in a period; further ones share one budget.
    static constexpr std::size_t kHosts = 1024;

    /// Writes `line` unless `host` has caused it in this period, or has used up its lines. Lines
    /// that differ in nothing but `line`'s text are different ones. `now` must not go backwards.
    void write(log::Level level, std::string_view host, std::string_view line, TimePoint now,
               const log::Subject& subject = {});

    /// Writes how many lines were left out in the period that is over. Called by write() too.
    void flush(TimePoint now);
    /// Returns when flush() has something to say; TimePoint::max(): nothing.
    [[nodiscard]] TimePoint nextFlush() const;

private:
    struct Told {
        log::Level level{};
        std::size_t more = 0;
    };
    struct OfHost {
        std::map<std::string, Told, std::less<>> lines;
        std::size_t others = 0;  ///< lines beyond the budget
    };
    void writeCounts();

    std::unordered_map<std::string, OfHost> hosts_;
    TimePoint begin_{};
};

}  // namespace igd
