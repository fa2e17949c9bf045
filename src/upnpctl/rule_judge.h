// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the host's rules about packets of an ordinary remote and an ordinary client, and says in
// words what becomes of them. Pure but for the texts of rules that are named.
#pragma once

#include "check.h"
#include "facts.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace igd::ctl {

/// Judges packets by the rules of `facts`.
class RuleJudge {
public:
    /// `facts` must have rules, and outlive this.
    explicit RuleJudge(const Facts& facts);

    /// Returns the internal networks of IPv4 that have more hosts than the router, and those behind
    /// routers there.
    [[nodiscard]] const std::vector<inspect::Lan>& lans() const { return lans_; }
    /// Returns those of IPv6 that the Internet can reach.
    [[nodiscard]] const std::vector<inspect::Lan>& lans6() const { return lans6_; }
    /// Returns the interface of `lan`, with its network where it has several.
    [[nodiscard]] std::string nameOf(const inspect::Lan& lan) const;

    /// Judges a new flow to `destination` from `remote` (nullopt: from any host). `opening`:
    /// nullopt: there is none.
    [[nodiscard]] inspect::Finding wayIn(Protocol protocol, const IpEndpoint& destination,
                                         const std::optional<IpEndpoint>& remote,
                                         const std::optional<IpEndpoint>& opening) const;
    [[nodiscard]] inspect::Finding masquerade(const inspect::Lan& lan) const;
    /// Judges a packet of a host of that network to the router.
    [[nodiscard]] inspect::Finding input(const inspect::Lan& from, const IpEndpoint& to,
                                         Protocol protocol) const;
    /// Judges a packet of the router to itself.
    [[nodiscard]] inspect::Finding loopback() const;
    /// Returns a host of the Internet that no rule is about, and a port.
    [[nodiscard]] IpAddress remote(bool ipv6) const;
    [[nodiscard]] Port anyPort() const;
    /// Returns a host behind `lan`.
    [[nodiscard]] IpAddress clientOf(const inspect::Lan& lan) const;

    /// Returns "reaches", "STOPPED by inet filter forward rule 4: tcp dport 80 drop", or "unknown:
    /// ... cannot be judged".
    [[nodiscard]] std::string because(const inspect::Finding& finding) const;
    /// Returns "inet filter forward rule 4: tcp dport 80 drop".
    [[nodiscard]] std::string named(const inspect::Place& place) const;

    /// Returns whether the daemon's own rules are in the kernel.
    [[nodiscard]] bool hasOwnRules() const;
    /// Returns whether rules of legacy iptables and of nftables are in force side by side.
    [[nodiscard]] bool bothFirewalls() const;

private:
    [[nodiscard]] std::string where(const inspect::Finding& finding) const;
    [[nodiscard]] const std::string& textOf(const inspect::Place& place) const;

    const Facts& facts_;
    std::vector<inspect::Lan> lans_;
    std::vector<inspect::Lan> lans6_;
    // Each of these takes a look at all rules.
    mutable std::optional<IpAddress> remote4_, remote6_;
    mutable std::optional<Port> anyPort_;
    mutable std::map<std::pair<IpAddress, std::uint8_t>, IpAddress> clients_;
    mutable std::map<inspect::Place, std::string> texts_;
};

/// Returns the verdict of a packet's fate.
[[nodiscard]] Verdict verdictOf(inspect::Fate fate);

}  // namespace igd::ctl
