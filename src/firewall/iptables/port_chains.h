// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of one chain of ours, spread over chains for some ports each. The kernel looks at one
// rule after the other: a new flow through 1,000 mappings would meet 500 of them. Here it meets
// half of the jumps to some 30 chains, and half of the 30 rules or so in one of them:
//
//     UPNPD             -p tcp --dport 0:5099    -j UPNPD-TCP-0
//                       -p tcp --dport 5100:...  -j UPNPD-TCP-5100
//     UPNPD-TCP-0       at most 64 rules
//     UPNPD-TCP-5100    at most 64 rules
//
// A rule for a set of ports, which may belong to several of them, stands in front of the jumps. A
// chain that has become too long is cut in two, one that is empty goes. What there is stands in
// the table alone, and is read from there.
#pragma once

#include "iptables/ipt_entry.h"
#include "iptables/legacy_tables.h"

#include <map>
#include <string>
#include <utility>

namespace igd::firewall {

/// The ports by which rules are spread.
struct Spread {
    Port (*port)(const Rule&);
    Entry (*jump)(Protocol protocol, const PortRange& ports, const char* chain);
    std::optional<MatchedPorts> (*portsOf)(const Entry& entry);
};

template <class Ip>
class PortChains {
public:
    static constexpr std::size_t kMostRules = 64;  ///< in one of the chains, if they can be cut

    /// Reads which chains `chain` leads to. New jumps to such stand in it behind its first `place`
    /// rules. `table` must outlive this.
    PortChains(BasicLegacyTable<Ip>& table, std::string chain, const Spread& spread,
               std::size_t place);

    /// Puts `entry`, of `rule`, into the chain for its port or before all of them. False: see
    /// BasicLegacyTable.
    [[nodiscard]] bool append(const Rule& rule, const Entry& entry);
    /// Takes it out; none is there: success.
    [[nodiscard]] bool erase(const Rule& rule, const Entry& entry);

    /// Returns the number of the chains, and of the rules in all of them.
    [[nodiscard]] std::size_t chains() const { return firsts_.size(); }
    [[nodiscard]] std::size_t rules() const;

private:
    using Last = std::pair<Protocol, Port>;  ///< the last port of a chain
    using Firsts = std::map<Last, Port>;     ///< and its first

    [[nodiscard]] std::string nameOf(Protocol protocol, Port first) const;
    [[nodiscard]] Firsts::const_iterator find(Protocol protocol, Port port) const;
    [[nodiscard]] PortRange gapAround(Protocol protocol, Port port) const;
    [[nodiscard]] bool create(Protocol protocol, const PortRange& ports);
    [[nodiscard]] bool insertJump(Protocol protocol, const PortRange& ports);
    [[nodiscard]] bool eraseJump(Protocol protocol, const PortRange& ports);
    [[nodiscard]] bool cut(Protocol protocol, const PortRange& ports);
    [[nodiscard]] bool move(const std::string& from, const std::string& to, Port first);

    BasicLegacyTable<Ip>& table_;
    std::string chain_;
    const Spread& spread_;
    std::size_t place_;
    Firsts firsts_;
};

}  // namespace igd::firewall
