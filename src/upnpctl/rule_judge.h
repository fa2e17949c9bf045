// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the host's rules about packets of an ordinary remote and an ordinary client, and says in
// words what becomes of them. Pure but for the texts of rules that are named.
#pragma once

#include "check.h"
#include "facts.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace igd::ctl {

/// Judges packets by the rules of `facts`.
class RuleJudge {
public:
    /// `facts` must have rules, and outlive this.
    explicit RuleJudge(const Facts& facts);

    /// Returns the internal networks of IPv4 that have more hosts than the router.
    [[nodiscard]] const std::vector<inspect::Lan>& lans() const { return lans_; }
    /// Returns the interface of `lan`, with its network where it has several.
    [[nodiscard]] std::string nameOf(const inspect::Lan& lan) const;

    /// Judges a new flow to `destination` from `remote` (nullopt: from any host). `opening`:
    /// nullopt: there is none.
    [[nodiscard]] inspect::Finding wayIn(Protocol protocol, const IpEndpoint& destination,
                                         const std::optional<IpEndpoint>& remote,
                                         const std::optional<IpEndpoint>& opening) const;
    [[nodiscard]] inspect::Finding masquerade(const inspect::Lan& lan) const;
    /// Judges a packet of a host of that interface to the router.
    [[nodiscard]] inspect::Finding input(const Facts::Internal& from, const IpEndpoint& to,
                                         Protocol protocol) const;
    /// Returns a host behind `lan`.
    [[nodiscard]] IpAddress clientOf(const inspect::Lan& lan) const;

    /// Returns "reaches", "STOPPED by inet filter forward rule 4: tcp dport 80 drop", or "unknown:
    /// ... cannot be judged".
    [[nodiscard]] std::string because(const inspect::Finding& finding) const;
    /// Names a remedy for a closed port of the router, in the words of the firewall whose rule it
    /// is.
    [[nodiscard]] std::string remedy(const inspect::Finding& finding, const std::string& interface,
                                     Port port, Protocol protocol) const;

    /// Returns whether rules of legacy iptables and of nftables are in force side by side.
    [[nodiscard]] bool bothFirewalls() const;

private:
    [[nodiscard]] std::string where(const inspect::Finding& finding) const;
    [[nodiscard]] const std::string& textOf(const inspect::Place& place) const;

    const Facts& facts_;
    std::vector<inspect::Lan> lans_;
    std::vector<inspect::Lan> routes_;  ///< both families
    mutable std::map<inspect::Place, std::string> texts_;
};

/// Returns the verdict of a packet's fate.
[[nodiscard]] Verdict verdictOf(inspect::Fate fate);

}  // namespace igd::ctl
