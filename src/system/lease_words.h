// SPDX-License-Identifier: GPL-2.0-or-later
// The words of the lease file's lines, and the bounds on what a line may say.
#pragma once

#include "upnpd/system/lease_file.h"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace igd::lease {

using Milliseconds = std::chrono::milliseconds;

/// The present in the time of the file that is read.
struct FileClock {
    Now now;  ///< with what the file's own wall clock shows
    Seconds longest;

    /// Returns when a claim with that end in Unix milliseconds ends, `longest` from now at the
    /// latest; now, if it has ended. It has no more left than it had at `writtenAt`.
    [[nodiscard]] TimePoint endOf(std::uint64_t end, std::uint64_t writtenAt = 0) const;
    /// Returns that time of the past, in Unix milliseconds; now, if it is none.
    [[nodiscard]] TimePoint pastOf(std::uint64_t time) const;
};

/// The last time that is read, in Unix milliseconds: in the year 2255.
constexpr std::uint64_t kLastMillisecond = 9'000'000'000'000;

/// Returns what stands before the next `separator`, and takes both away from `text`.
[[nodiscard]] std::string_view takeUntil(std::string_view& text, char separator);
/// The next word; the same with a blank.
[[nodiscard]] std::string_view takeWord(std::string_view& text);

/// Returns whether the ledger could have had `opening`: its families and ports agree, and each
/// claim is one that its protocol makes.
[[nodiscard]] bool isSound(const Opening& opening);

}  // namespace igd::lease
