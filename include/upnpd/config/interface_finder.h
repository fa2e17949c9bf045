// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the interfaces that a configuration does not name: those that default routes leave by, that
// patterns match, and that have an address of a network; and of several external ones that it names
// the one to use. Pure: it is told what the host has, and the time.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/config/uplink_chooser.h"
#include "upnpd/system/host_facts.h"

#include <optional>
#include <vector>

namespace igd {

/// Returns the interface of the first of `routes` that is not an internal one by its name, nor the
/// loopback one; nullopt: there is none.
[[nodiscard]] std::optional<InterfaceName> leavesBy(
    const std::vector<HostFacts::DefaultRoute>& routes, const Configuration& configuration);

class InterfaceFinder {
public:
    /// Puts into `configuration` what `host` has for it now. An external interface stays while no
    /// default route leaves by another one. What a pattern matches is internal but for lo, ports of
    /// bridges and bonds, and whatever leads, or once led, to the Internet; while the external
    /// interface is not known, nothing is. Returns whether something is another than before.
    bool find(Configuration& configuration, const HostFacts& host, TimePoint now);
    /// Returns why the external interface of that family is another than at the call before; only
    /// where the configuration names several.
    [[nodiscard]] const std::string& why(bool ipv6) const { return (ipv6 ? six_ : four_).why(); }
    /// Returns when find() may find others though the host is the same; nullopt: never.
    [[nodiscard]] std::optional<TimePoint> lookAgainAt() const;

private:
    void findExternal(Configuration& configuration, const HostFacts& host, TimePoint now);
    void findMatches(Configuration& configuration, const HostFacts& host) const;
    [[nodiscard]] bool isOutside(const Configuration& configuration, const HostFacts& host,
                                 const InterfaceName& name) const;

    UplinkChooser four_{false};
    UplinkChooser six_{true};
    /// Each that was external once: an uplink that is down is nobody's LAN.
    std::vector<InterfaceName> past_;
};

}  // namespace igd
