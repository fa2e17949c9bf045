// SPDX-License-Identifier: GPL-2.0-or-later
// The few rules of a host that decide over packets of openings by port or address of the client,
// for a question at each grant: "tcp dport 25 drop" stops a mapping to port 25 of any client, for
// what stands above our rule keeps its word. A ruleset of thousands is thinned once: rules that
// cannot apply are gone, and so is what stands behind one that always does. Pure.
#pragma once

#include "upnpd/inspect/openings.h"

#include <optional>
#include <string>
#include <vector>

namespace igd::inspect {

class Residue {
public:
    /// Nothing stops anything.
    Residue() = default;
    /// Thins `rules` for the packets of `path`, with the openings of `plan` in their places.
    Residue(const Ruleset& rules, const Path& path, const Plan& plan);

    /// Returns what stops the first packet of a flow from the Internet to `internal`, as "inet
    /// filter forward rule 12", for an opening whose external end is `external` (IPv6: equal to
    /// `internal`); nullopt: the packet passes. A client in none of the path's LANs is judged by
    /// each of them.
    [[nodiscard]] std::optional<std::string> stop(Protocol protocol, const IpEndpoint& external,
                                                  const IpEndpoint& internal) const;

private:
    /// The rules for one LAN and protocol, and a packet as it arrives and as it is forwarded.
    struct Part {
        Protocol protocol{};
        Lan lan;
        Ruleset before;  ///< rules of the hooks before the translation
        Ruleset behind;
        Packet arriving;
        Packet forwarded;
    };
    [[nodiscard]] static std::optional<std::string> stop(const Part& part,
                                                         const IpEndpoint& external,
                                                         const IpEndpoint& internal);

    std::vector<Part> parts_;
};

}  // namespace igd::inspect
