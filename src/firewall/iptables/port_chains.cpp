// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/port_chains.h"

#include "iptables/ip_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace igd::firewall {
namespace {

constexpr Port kFirstPort{0};
constexpr Port kLastPort{0xffff};

Port before(Port port) {
    return Port{static_cast<std::uint16_t>(port.value - 1)};
}

Port after(Port port) {
    return Port{static_cast<std::uint16_t>(port.value + 1)};
}

}  // namespace

template <class Ip>
PortChains<Ip>::PortChains(BasicLegacyTable<Ip>& table, std::string chain, const Spread& spread,
                           std::size_t place)
    : table_(table), chain_(std::move(chain)), spread_(spread), place_(place) {
    for (const auto& [entry, target] : table_.rules(chain_)) {
        const auto matched = spread_.portsOf(entry);
        if (matched && target == nameOf(matched->protocol, matched->ports.first))
            firsts_.emplace(Last{matched->protocol, matched->ports.last}, matched->ports.first);
    }
}

template <class Ip>
std::string PortChains<Ip>::nameOf(Protocol protocol, Port first) const {
    return fmt::format("{}-{}-{}", chain_, protocol == Protocol::Tcp ? "TCP" : "UDP", first.value);
}

template <class Ip>
PortChains<Ip>::Firsts::const_iterator PortChains<Ip>::find(Protocol protocol, Port port) const {
    const auto found = firsts_.lower_bound({protocol, port});
    const bool holds =
        found != firsts_.end() && found->first.first == protocol && found->second <= port;
    return holds ? found : firsts_.end();
}

template <class Ip>
PortRange PortChains<Ip>::gapAround(Protocol protocol, Port port) const {
    PortRange gap{kFirstPort, kLastPort};
    const auto next = firsts_.lower_bound({protocol, port});
    if (next != firsts_.end() && next->first.first == protocol) gap.last = before(next->second);
    if (next == firsts_.begin()) return gap;
    const auto& [previousProtocol, previousLast] = std::prev(next)->first;
    if (previousProtocol == protocol) gap.first = after(previousLast);
    return gap;
}

template <class Ip>
bool PortChains<Ip>::insertJump(Protocol protocol, const PortRange& ports) {
    firsts_.emplace(Last{protocol, ports.last}, ports.first);
    const std::string name = nameOf(protocol, ports.first);
    return table_.insert(chain_, spread_.jump(protocol, ports, name.c_str()), place_);
}

template <class Ip>
bool PortChains<Ip>::eraseJump(Protocol protocol, const PortRange& ports) {
    firsts_.erase({protocol, ports.last});
    const std::string name = nameOf(protocol, ports.first);
    return table_.erase(chain_, spread_.jump(protocol, ports, name.c_str()));
}

template <class Ip>
bool PortChains<Ip>::create(Protocol protocol, const PortRange& ports) {
    return table_.createChain(nameOf(protocol, ports.first)) && insertJump(protocol, ports);
}

template <class Ip>
bool PortChains<Ip>::append(const Rule& rule, const Entry& entry) {
    if (rule.isSet()) return table_.insert(chain_, entry, place_);
    const Protocol protocol = rule.protocol;
    const Port port = spread_.port(rule);
    if (find(protocol, port) == firsts_.end() && !create(protocol, gapAround(protocol, port)))
        return false;
    const auto& [last, first] = *find(protocol, port);
    const std::string name = nameOf(protocol, first);
    if (!table_.append(name, entry)) return false;
    return table_.countRules(name) <= kMostRules || cut(protocol, {first, last.second});
}

/// The upper half of the rules gets a chain of its own; rules for one port stay together.
template <class Ip>
bool PortChains<Ip>::cut(Protocol protocol, const PortRange& ports) {
    const std::string name = nameOf(protocol, ports.first);
    std::vector<Port> taken;
    for (const auto& [entry, target] : table_.rules(name))
        if (const auto matched = spread_.portsOf(entry)) taken.push_back(matched->ports.first);
    if (taken.empty()) return true;
    std::ranges::sort(taken);
    const auto half = taken.begin() + static_cast<std::ptrdiff_t>(taken.size() / 2);
    const auto upper = *half != taken.front() ? std::ranges::lower_bound(taken, *half)
                                              : std::ranges::upper_bound(taken, *half);
    if (upper == taken.end()) return true;
    const PortRange low{ports.first, before(*upper)};
    const PortRange high{*upper, ports.last};
    return eraseJump(protocol, ports) && insertJump(protocol, low) && create(protocol, high) &&
           move(name, nameOf(protocol, high.first), high.first);
}

template <class Ip>
bool PortChains<Ip>::move(const std::string& from, const std::string& to, Port first) {
    std::size_t number = 0;
    for (const auto& [entry, target] : table_.rules(from)) {
        const auto matched = spread_.portsOf(entry);
        if (!matched || matched->ports.first < first)
            ++number;
        else if (!table_.append(to, entry) || !table_.eraseNumber(from, number))
            return false;
    }
    return true;
}

template <class Ip>
bool PortChains<Ip>::erase(const Rule& rule, const Entry& entry) {
    if (rule.isSet()) return table_.erase(chain_, entry);
    const auto found = find(rule.protocol, spread_.port(rule));
    if (found == firsts_.end()) return table_.erase(chain_, entry);  // it says that there is none
    const PortRange ports{found->second, found->first.second};
    const std::string name = nameOf(rule.protocol, ports.first);
    if (!table_.erase(name, entry)) return false;
    if (table_.countRules(name) != 0) return true;
    return eraseJump(rule.protocol, ports) && table_.eraseChain(name);
}

template <class Ip>
std::size_t PortChains<Ip>::rules() const {
    std::size_t count = 0;
    for (const auto& [last, first] : firsts_) count += table_.countRules(nameOf(last.first, first));
    return count;
}

template class PortChains<IpTables>;
template class PortChains<Ip6Tables>;

}  // namespace igd::firewall
