// SPDX-License-Identifier: GPL-2.0-or-later
// The external ports that the administrator's own rules lead elsewhere. His translations win over
// ours, so a mapping of such a port would carry no packet. Judged whenever somebody has changed the
// rules; a question costs a look into a sorted list.
#pragma once

#include "upnpd/firewall/ruleset_text.h"
#include "upnpd/inspect/forwards.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd::firewall {

class ForeignForwards {
public:
    explicit ForeignForwards(InterfaceName external) : external_(std::move(external)) {}

    /// Returns the rules' own text (`nft -a list ruleset`), for the log.
    using Listing = std::function<std::string()>;

    /// Judges the host's rules for packets to `addresses`. Our own count for nothing. `listing` is
    /// called only when nat chains of nftables are not as they were. Rules that cannot be read are
    /// named in the log and lead nothing elsewhere.
    void judge(const RulesetText& texts, std::span<const Ipv4Address> addresses,
               const Listing& listing);

    /// Returns the rule that leads packets to that port elsewhere; nullopt: none.
    [[nodiscard]] std::optional<std::string> find(Protocol protocol, Port port) const;

private:
    const InterfaceName external_;
    std::string judged_;  ///< the rules and addresses of the last time
    std::vector<inspect::Forward> forwards_;
};

}  // namespace igd::firewall
