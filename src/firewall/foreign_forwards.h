// SPDX-License-Identifier: GPL-2.0-or-later
// The external ports that the administrator's own rules lead elsewhere. His translations win over
// ours, so a mapping of such a port would carry no packet. Judged whenever somebody has changed the
// rules; a question costs a look into a sorted list.
#pragma once

#include "upnpd/inspect/forwards.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd::firewall {

class ForeignForwards {
public:
    explicit ForeignForwards(InterfaceName external) : external_(std::move(external)) {}

    /// Judges the host's rules for packets to `addresses` of the external interface, whose number
    /// is `index` (0: not known). Our own count for nothing. The log names what is new.
    void judge(const inspect::Ruleset& rules, std::uint32_t index,
               std::span<const Ipv4Address> addresses);

    /// Returns the rule that leads packets to that port elsewhere, and where to: "inet site pre
    /// rule 1, to 192.168.1.5:80"; nullopt: none.
    [[nodiscard]] std::optional<std::string> find(Protocol protocol, Port port) const;

private:
    struct Known {
        Protocol protocol{};
        PortRange ports;
        std::string rule;
        bool operator==(const Known&) const = default;
    };

    const InterfaceName external_;
    std::vector<Known> forwards_;  ///< sorted by protocol and port
    bool tooMany_ = false;         ///< it was said
};

}  // namespace igd::firewall
