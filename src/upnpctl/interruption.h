// SPDX-License-Identifier: GPL-2.0-or-later
// A command that goes on until somebody stops it ends in order, and its reader's end is no error.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <chrono>
#include <cstdint>

namespace igd::ctl {

class Interruption {
public:
    /// From now on SIGINT and SIGTERM end wait() alone, and SIGPIPE nothing. Throws
    /// std::system_error.
    Interruption();

    enum class Woken : std::uint8_t {
        Stopped,  ///< by a signal, or nobody reads standard output any more
        Ready,
        Timeout,
    };
    /// Waits until `descriptor` (-1: none) can be read, or so long.
    [[nodiscard]] Woken wait(int descriptor, std::chrono::milliseconds longest) const;

private:
    UniqueFd signals_;
};

/// Writes what say() has kept back. Returns false when nobody reads it.
[[nodiscard]] bool flush();

}  // namespace igd::ctl
