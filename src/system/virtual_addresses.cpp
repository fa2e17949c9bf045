// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/virtual_addresses.h"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace igd {
namespace {

/// Returns `one`; where it has no network, with that of the address which it stands beside.
template <class Prefix>
Prefix withNetwork(Prefix one, const std::vector<Prefix>& present) {
    constexpr std::uint8_t kAlone = std::is_same_v<Prefix, Ipv4Prefix> ? 32 : 128;
    if (one.length != kAlone) return one;
    for (const Prefix& each : present)
        if (each.contains(one.address)) one.length = std::min(one.length, each.length);
    return one;
}

}  // namespace

VirtualAddresses::VirtualAddresses(const Interfaces& interfaces, std::vector<IpAddress> addresses)
    : interfaces_(interfaces), addresses_(std::move(addresses)) {}

InterfaceState VirtualAddresses::state(const InterfaceName& name) const {
    InterfaceState state = interfaces_.state(name);
    if (addresses_.empty()) return state;
    choose(state.addresses);
    choose(state.addresses6);
    return state;
}

/// An address is hidden whether the virtual one is there or not: it may be on its way.
template <class Prefix>
void VirtualAddresses::choose(std::vector<Prefix>& present) const {
    const auto isVirtual = [this](const Prefix& each) {
        return std::ranges::find(addresses_, IpAddress{each.address}) != addresses_.end();
    };
    const auto isHidden = [this](const Prefix& each) {
        return std::ranges::any_of(addresses_, [&](const IpAddress& address) {
            const auto* const one = std::get_if<decltype(each.address)>(&address);
            return one != nullptr && each.contains(*one);
        });
    };
    std::vector<Prefix> chosen;
    for (const Prefix& each : present) {
        if (isVirtual(each))
            chosen.push_back(withNetwork(each, present));
        else if (!isHidden(each))
            chosen.push_back(each);
    }
    present = std::move(chosen);
}

std::optional<Ipv4Address> VirtualAddresses::source(const InterfaceName& name) const {
    return interfaces_.source(name);
}

InterfaceCounters VirtualAddresses::counters(const InterfaceName& name) const {
    return interfaces_.counters(name);
}

}  // namespace igd
