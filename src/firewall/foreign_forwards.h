// SPDX-License-Identifier: GPL-2.0-or-later
// The external ports that the administrator's own rules lead elsewhere. His translations win over
// ours, so a mapping of such a port would carry no packet. Where legacy iptables translates for us,
// the kernel may ask it before a chain of nftables: mappings of his ports are not laid there.
// Judged whenever somebody has changed the rules; a question costs a look into a sorted list.
#pragma once

#include "upnpd/inspect/forwards.h"
#include "upnpd/portmap/firewall.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd::firewall {

class ForeignForwards {
public:
    /// Judges the host's rules for packets to the addresses of each external interface. Our own
    /// count for nothing. The log names what is new.
    void judge(const inspect::Ruleset& rules, std::span<const UplinkSide> outside);

    /// Returns the rule that leads packets to that port elsewhere, and where to: "inet site pre
    /// rule 1, to 192.168.1.5:80"; nullopt: none.
    [[nodiscard]] std::optional<std::string> find(Protocol protocol, Port port) const;

    /// From now on mappings of the ports that were judged to be his are not to be laid.
    void yield() { yielded_ = forwards_; }
    /// Returns the mappings that are to be laid; all, before yield() is called.
    [[nodiscard]] std::vector<Rule> toLay(std::vector<Rule> mappings) const;
    /// Returns whether others of his ports than at the last yield() are; false before.
    [[nodiscard]] bool yieldOthers() const;

private:
    struct Known {
        Protocol protocol{};
        PortRange ports;
        std::string rule;
        bool operator==(const Known&) const = default;
    };

    using Forwards = std::vector<Known>;  ///< sorted by protocol and port

    Forwards forwards_;
    std::optional<Forwards> yielded_;
    bool tooMany_ = false;  ///< it was said
};

}  // namespace igd::firewall
