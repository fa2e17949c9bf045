// SPDX-License-Identifier: GPL-2.0-or-later
// The leases on disk: plain text, one line an event, appended; written whole again when it has
// grown. A restart, also after kill -9, finds every opening that a client has made. Lines:
//
//   clock 1800000000000 3600000 BOOT-ID
//   open mapping udp 3074 192.168.1.10:3074 at=1800000000000 account=00:11:32:aa:bb:cc
//       claim=igd;end=never;off;text=a%20game
//       claim=pcp;end=1800003600000;by=192.168.1.2;nonce=HEX;peers=80.1.2.0/24@53,80.9.9.9/32
//   open pinhole tcp [2001:db8::5]:5000 any at=1800000000000 account=2001:db8::/64;unseen id=7
//       claim=igd;end=1800003600000
//   open peer udp 192.168.1.10:5000 80.1.2.3/32@53 80.100.100.1:5001 at=1800000000000
//       account=192.168.1.10 claim=pcp;end=1800003600000;nonce=HEX
//   close mapping udp 3074
//   close pinhole tcp [2001:db8::5]:5000 any
//   close peer udp 192.168.1.10:5000 80.1.2.3/32@53
//
// (each is one line in the file). A mapping is named by its external port; a pinhole by its
// internal end and its remote end, or `any`; a flow of PEER by both ends, and its external end
// follows. Times are Unix milliseconds, rounded down; `at` is the time of writing. `by` is who
// asked, if it is not the client. In `text` a blank, a semicolon and a percent sign are %XX. A line
// replaces the earlier one of its name.
//
// `clock` says: the times in the lines below are of a wall clock that showed the first number when
// the monotonic one showed the second, and was never set since. A reader under the same boot needs
// no wall clock then. Under another one it takes the present time, unless one of the two clocks
// was obviously not set (before 2023, or behind the file): then the time that the router was off
// does not count. Whatever the clocks say, no claim has more left than when its line was written.
#pragma once

#include "upnpd/portmap/opening.h"
#include "upnpd/util/unique_fd.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

using WallTime = std::chrono::system_clock::time_point;

/// Monotonic and wall clock at one moment: leases run on the first, the file speaks of the second.
struct Now {
    TimePoint monotonic;
    WallTime wall;
    [[nodiscard]] static Now sample() { return {Clock::now(), std::chrono::system_clock::now()}; }
};

/// Returns whether `text` is that of a lease file of miniupnpd, for mappings or pinholes.
[[nodiscard]] bool isLeaseFileOfMiniupnpd(std::string_view text);

class LeaseFile {
public:
    using All = std::function<std::vector<Opening>()>;

    /// `all` gives the openings for writing the file whole; `failed` is called when something could
    /// not be written, once until all is in the file again. Claims of the administrator, and
    /// openings that have no other claim, are never in the file.
    LeaseFile(std::filesystem::path path, All all, std::function<void()> failed = {});

    /// Reads the file of an earlier run, of version 2.0.0 too; a missing one is empty. One of
    /// miniupnpd is taken over, and copied to PATH.miniupnpd. With it, or without any file, the
    /// leases in `pinholes`, miniupnpd's other file, are taken over too, and that file stays as it
    /// is. Returns the
    /// openings in the order in which they were first added, without the claims that have ended,
    /// and with no end later than `longest` from now. Lines that are none of ours are logged and
    /// the file is kept beside it as PATH.bad. Throws std::runtime_error when it is there but
    /// cannot be read.
    [[nodiscard]] std::vector<Opening> load(
        const Now& now, Seconds longest,
        const std::optional<std::filesystem::path>& pinholes = std::nullopt) const;

    /// Writes the file whole and appends from then on. A full or broken disk is logged, and told by
    /// `failed`. Throws std::runtime_error for any other reason: that is a mistake to be mended.
    void open(const Now& now);

    /// The wall clock was set: the file is written whole, in its new time. A failure is logged.
    void clockWasSet(const Now& now);

    /// Writes the file whole if something is missing in it. False: it still cannot be written.
    [[nodiscard]] bool retry(const Now& now);

    /// Appends a line. A failure (a full disk) is logged once until it is over; the file then is as
    /// it was before the line.
    void stored(const Opening& opening, const Now& now);
    void ended(const Opening& opening, const Now& now);

private:
    [[nodiscard]] std::vector<Opening> takeOver(const std::filesystem::path& path,
                                                std::string_view text, const Now& now,
                                                Seconds longest) const;
    [[nodiscard]] Now asWritten(const Now& now) const;
    void append(const std::string& line, const Now& now);
    void rewrite(const Now& now);
    void rewriteIfGrown(const Now& now);
    [[nodiscard]] bool writeLine(const std::string& line);
    void reportFailure(std::string_view what);
    void reportRecovery();

    std::filesystem::path path_;
    All all_;
    std::function<void()> failed_;
    std::string bootId_;
    Now written_{};  ///< of the file's clock line, in whole milliseconds
    UniqueFd file_;
    std::size_t lines_ = 0;
    std::size_t rewriteAt_ = 0;
    bool failing_ = false;
};

}  // namespace igd
