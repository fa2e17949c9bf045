// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's interfaces as a test wishes them to be.
#pragma once

#include "upnpd/system/interfaces.h"

#include <map>

namespace igd {

class FakeInterfaces final : public Interfaces {
public:
    [[nodiscard]] InterfaceState state(const InterfaceName& name) const override {
        const auto found = states_.find(name);
        return found == states_.end() ? InterfaceState{} : found->second;
    }
    [[nodiscard]] std::optional<Ipv4Address> source(const InterfaceName& /*name*/) const override {
        return routed;
    }
    [[nodiscard]] InterfaceCounters counters(const InterfaceName& /*name*/) const override {
        return counted;
    }

    /// `name` is there and up, with that address or none.
    void set(const InterfaceName& name, std::optional<Ipv4Address> address) {
        InterfaceState& state = of(name);
        state.exists = true;
        state.running = true;
        state.addresses.clear();
        if (address) state.addresses.push_back({*address, 24});
    }
    /// Returns the state that state() gives from now on.
    InterfaceState& of(const InterfaceName& name) { return states_[name]; }

    InterfaceCounters counted;
    std::optional<Ipv4Address> routed;  ///< the source that a route gives; nullopt: none does

private:
    std::map<InterfaceName, InterfaceState> states_;
};

}  // namespace igd
