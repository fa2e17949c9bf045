// SPDX-License-Identifier: GPL-2.0-or-later
// Names the programs that have a port of this host, as /proc tells them.
#pragma once

#include "daemon.h"

#include "upnpd/net/retries.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace igd::ctl {

/// Returns "miniupnpd (pid 812)", or several with commas: the programs other than upnpd whose
/// socket keeps `wanted` from being bound. Only root sees the sockets of all; empty when none is
/// seen.
[[nodiscard]] std::string holdersOf(const SocketName& wanted,
                                    const std::filesystem::path& proc = "/proc");

enum class Listener : std::uint8_t {
    Nobody,
    Us,       ///< a process called upnpd
    Other,    ///< another program
    NotSeen,  ///< only root sees whose socket it is
};

/// Returns who has the socket that is bound to that very address and port; of TCP, who listens
/// there.
[[nodiscard]] Listener listenerOf(const SocketName& wanted,
                                  const std::filesystem::path& proc = "/proc");

/// Returns the socket that the daemon names in `json`, as {"protocol": "udp", "address":
/// "192.168.1.1", "port": 5351}; with port 0 when it names none.
[[nodiscard]] SocketName socketIn(const Json& json);

/// Adds to each of `problems`, which name sockets, the "holders" of its port, if any are seen.
void addHolders(Json& problems);

}  // namespace igd::ctl
