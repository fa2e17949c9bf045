// SPDX-License-Identifier: GPL-2.0-or-later
// The ordinary packets of a path, which stand for those of all openings.
#pragma once

#include "upnpd/inspect/openings.h"

namespace igd::inspect {

class PathPackets {
public:
    /// `path` must outlive this.
    PathPackets(const Ruleset& rules, const Path& path);

    /// From the Internet, before it is translated.
    [[nodiscard]] Packet arriving(Protocol protocol) const;
    /// From the Internet to a host of `path.lans[lan]`, in the forward hook.
    [[nodiscard]] Packet in(std::size_t lan, Protocol protocol, bool fresh) const;
    /// The answer of that host.
    [[nodiscard]] Packet back(std::size_t lan, Protocol protocol) const;

private:
    const Path& path_;
    IpEndpoint remote_;
    std::vector<IpEndpoint> clients_;  ///< one for each LAN
};

}  // namespace igd::inspect
