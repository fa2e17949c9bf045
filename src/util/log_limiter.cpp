// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/log_limiter.h"

#include <algorithm>

namespace igd {

void LogLimiter::write(log::Level level, std::string_view host, std::string_view line,
                       TimePoint now, const log::Subject& subject) {
    if (!log::enabled(level)) return;
    flush(now);
    if (hosts_.empty()) begin_ = now;
    std::string key{host};
    if (hosts_.size() >= kHosts && !hosts_.contains(key)) key = "other hosts";
    OfHost& own = hosts_[key];
    if (const auto told = own.lines.find(line); told != own.lines.end()) {
        ++told->second.more;
        return;
    }
    if (own.lines.size() >= kLinesPerHost) {
        ++own.others;
        return;
    }
    own.lines.emplace(line, Told{level});
    log::write(level, line, subject);
}

void LogLimiter::flush(TimePoint now) {
    if (hosts_.empty() || now - begin_ < kPeriod) return;
    writeCounts();
    hosts_.clear();
}

TimePoint LogLimiter::nextFlush() const {
    return hosts_.empty() ? TimePoint::max() : begin_ + kPeriod;
}

void LogLimiter::writeCounts() {
    for (const auto& [host, own] : hosts_) {
        for (const auto& [line, told] : own.lines)
            if (told.more != 0)
                log::format(told.level, "{} (and {} more in {} s)", line, told.more,
                            kPeriod.count());
        if (own.others != 0)
            log::info("portmap: {} caused {} more lines in {} s", host, own.others,
                      kPeriod.count());
    }
}

}  // namespace igd
