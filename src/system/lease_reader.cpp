// SPDX-License-Identifier: GPL-2.0-or-later
#include "lease_reader.h"

#include "lease_lines.h"
#include "lease_lines_v2.h"
#include "lease_table.h"

#include "upnpd/util/parse.h"

#include <algorithm>

namespace igd::lease {
namespace {

/// No clock that is set shows less (November 2023).
constexpr WallTime kPlausible{Seconds{1'700'000'000}};

class Reader {
public:
    Reader(const Now& now, Seconds longest, const Boot& boot) : clock_{now, longest}, boot_(boot) {}

    bool readLine(std::string_view text) {
        if (text.empty()) return true;
        if (text.size() > kLongestLine) return false;
        const auto verb = takeWord(text);
        if (verb == "#") return true;
        if (verb == "clock") return readClock(text);
        if (verb == "open") return readOpen(text);
        if (verb == "close" && readClose(text)) return true;
        return readVersion2(verb, text, clock_, table_);
    }

    [[nodiscard]] std::vector<Opening> running() const {
        return table_.runningAt(clock_.now.monotonic);
    }

private:
    bool readOpen(std::string_view text) {
        const auto opening = parseOpen(text, clock_);
        return opening && table_.put(*opening);
    }

    bool readClose(std::string_view text) {
        const auto name = parseClose(text);
        if (name) table_.erase(*name);
        return name.has_value();
    }

    /// The clock's wall time becomes what the file's own wall clock would show.
    bool readClock(std::string_view text) {
        const auto wall = parseUnsigned<std::uint64_t>(takeWord(text));
        const auto monotonic = parseUnsigned<std::uint64_t>(takeWord(text));
        if (!wall || !monotonic || *wall > kLastMillisecond || *monotonic > kLastMillisecond)
            return false;
        const WallTime written{Milliseconds{*wall}};
        const TimePoint then{Milliseconds{*monotonic}};
        Now& now = clock_.now;
        if (boot_.id.empty() || text != boot_.id)
            now.wall = underAnotherBoot(written);
        else
            now.wall = written + std::chrono::floor<WallTime::duration>(
                                     std::max(now.monotonic - then, Clock::duration{}));
        return true;
    }

    /// The present time, or that of the last writing when the one clock or the other was not set.
    [[nodiscard]] WallTime underAnotherBoot(WallTime wall) const {
        const auto isSet = [](WallTime time) { return time >= kPlausible; };
        // Up to its next whole second: the kernel's coarse clock may have stamped the file early,
        // and no client has more left than it was granted.
        const WallTime written = std::chrono::ceil<Seconds>(boot_.lastWritten);
        const WallTime last = isSet(written) == isSet(wall) ? std::max(wall, written) : wall;
        const WallTime present = clock_.now.wall;
        return present < last || isSet(present) != isSet(last) ? last : present;
    }

    FileClock clock_;
    const Boot& boot_;
    LeaseTable table_;
};

}  // namespace

ReadLeases readLeases(std::string_view text, const Now& now, Seconds longest, const Boot& boot) {
    Reader reader{now, longest, boot};
    ReadLeases result;
    for (std::size_t number = 1; text.find('\n') != std::string_view::npos; ++number)
        if (!reader.readLine(takeUntil(text, '\n'))) result.badLines.push_back(number);
    result.openings = reader.running();
    return result;
}

}  // namespace igd::lease
