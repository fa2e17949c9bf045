// SPDX-License-Identifier: GPL-2.0-or-later
// The leases on disk: plain text, one line an event, appended; written whole again when it has
// grown. A restart, also after kill -9, finds every mapping in it.
#pragma once

#include "upnpd/portmap/mapping.h"
#include "upnpd/portmap/pinhole.h"
#include "upnpd/util/unique_fd.h"

#include <chrono>
#include <filesystem>
#include <functional>
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

/// Where a reader of the file stands: without it ends are compared with the wall clock alone.
struct Boot {
    std::string id{};        ///< the kernel's name for its present run
    WallTime lastWritten{};  ///< of the file
};

/// `clock UNIX-MILLISECONDS MONOTONIC-MILLISECONDS BOOT-ID`: the ends in the lines below are of a
/// wall clock that showed the first when the monotonic one showed the second, and was never set
/// since. A reader under the same boot needs no wall clock then. Under another one it takes the
/// present time, unless one of the two clocks was obviously not set (before 2023, or behind the
/// file): then the time that the router was off does not count.
[[nodiscard]] std::string clockLine(const Now& now, const std::string& bootId);

/// `add udp 3074 192.168.1.10 3074 REMOTE|any END|0 on|off HOLDER REQUESTER DESCRIPTION` with the
/// end in Unix seconds; no line end. HOLDER is
/// ORIGIN[;nonce=HEX][;igd=END|0][;peers=PREFIX[@PORT],...], with the end of UPnP's share in what
/// NAT-PMP or PCP has made.
[[nodiscard]] std::string addLine(const Mapping& mapping, const Now& now);
/// `del udp 3074`
[[nodiscard]] std::string deleteLine(const MappingKey& key);
/// `add6 udp 5000 2001:db8::10 END HOLDER REQUESTER` and `del6 udp 5000 2001:db8::10`, of what PCP
/// has mapped over IPv6.
[[nodiscard]] std::string addLine(const Ipv6Mapping& mapping, const Now& now);
[[nodiscard]] std::string deleteLine(const Ipv6Mapping& mapping);

/// `pinhole ID udp 5000 2001:db8::10 REMOTE|any REMOTE-PORT|0 END REQUESTER` and `close ID`, of
/// UPnP's.
[[nodiscard]] std::string addLine(const Pinhole& pinhole, const Now& now);
[[nodiscard]] std::string deleteLine(const Pinhole& pinhole);

struct Leases {
    std::vector<Mapping> mappings;  ///< in the order in which they were first added
    std::vector<Ipv6Mapping> ipv6Mappings;
    std::vector<Pinhole> pinholes;
    [[nodiscard]] std::size_t size() const {
        return mappings.size() + ipv6Mappings.size() + pinholes.size();
    }
};

/// Of both those that still run.
struct ReadLeases : Leases {
    std::vector<std::size_t>
        badLines;  ///< numbers of lines that are none of ours; a torn last line is not counted
};

/// Ends are capped at `longest` from now, so that a wall clock that jumped back prolongs nothing
/// for ever.
[[nodiscard]] ReadLeases readLeases(std::string_view text, const Now& now, Seconds longest,
                                    const Boot& boot = {});

class LeaseFile {
public:
    /// `all` gives the mappings for writing the file whole; `failed` is called when something could
    /// not be written, once until all is in the file again.
    LeaseFile(std::filesystem::path path, std::function<Leases()> all,
              std::function<void()> failed = {});

    /// Reads the file of an earlier run; a missing one is empty. Lines that are none of ours are
    /// logged and the file is kept beside it as PATH.bad. Throws std::runtime_error when it is
    /// there but cannot be read.
    [[nodiscard]] Leases load(const Now& now, Seconds longest) const;

    /// Writes the file whole and appends from then on. Throws std::runtime_error when it cannot be
    /// written: at start that is a clear error.
    void open(const Now& now);

    /// The wall clock was set: the file is written whole, in its new time. A failure is logged.
    void clockWasSet(const Now& now);

    /// Writes the file whole if something is missing in it. False: it still cannot be written.
    [[nodiscard]] bool retry(const Now& now);

    /// A failure (a full disk) is logged once until it is over; the file then is as it was before
    /// the line.
    void stored(const Mapping& mapping, const Now& now);
    void ended(const MappingKey& key, const Now& now);
    void stored(const Ipv6Mapping& mapping, const Now& now);
    void ended(const Ipv6Mapping& mapping, const Now& now);
    void stored(const Pinhole& pinhole, const Now& now);
    void ended(const Pinhole& pinhole, const Now& now);

private:
    [[nodiscard]] Now asWritten(const Now& now) const;
    void append(const std::string& line, const Now& now);
    void rewrite(const Now& now);
    void rewriteIfGrown(const Now& now);
    [[nodiscard]] bool writeLine(const std::string& line);
    void reportFailure(std::string_view what);
    void reportRecovery();

    std::filesystem::path path_;
    std::function<Leases()> all_;
    std::function<void()> failed_;
    std::string bootId_;
    Now written_{};  ///< of the file's clock line
    UniqueFd file_;
    std::size_t lines_ = 0;
    std::size_t rewriteAt_ = 0;
    bool failing_ = false;
};

}  // namespace igd
