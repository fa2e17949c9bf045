// SPDX-License-Identifier: GPL-2.0-or-later
// Says in words what the kernel's routing makes of the packets of an opening. Pure but for the
// questions, which go through Facts::route.
#pragma once

#include "facts.h"

#include <optional>
#include <string>

namespace igd::ctl {

/// The routing keeps packets from their way.
struct RouteStop {
    std::string text;     ///< "the reverse path filter of wan0 drops it"
    std::string command;  ///< mends it; empty: no one line does
    bool certain = true;  ///< false: a mark may lead them another way
};

class RouteJudge {
public:
    /// `facts` must outlive this.
    explicit RouteJudge(const Facts& facts) : facts_(facts) {}

    /// Judges packets of `remote` that come in by the external interface for `client`.
    [[nodiscard]] std::optional<RouteStop> wayIn(const IpAddress& remote,
                                                 const IpAddress& client) const;
    /// Judges the answers of `client`, which come in by `lan`.
    [[nodiscard]] std::optional<RouteStop> wayBack(const IpAddress& client, const IpAddress& remote,
                                                   const Facts::Internal& lan) const;
    /// Returns the internal interface by which `client` is reached; nullptr: by none.
    [[nodiscard]] const Facts::Internal* lanOf(const IpAddress& client) const;

private:
    [[nodiscard]] RouteStop refusal(int error, const std::string& interface) const;
    [[nodiscard]] std::string defaultRoute(bool ipv6) const;

    const Facts& facts_;
};

/// Returns the switch of the kernel below net.ipv4.conf for an interface, as sysctl(8) writes it.
[[nodiscard]] std::string interfaceSwitch(const std::string& interface, const std::string& name);

}  // namespace igd::ctl
