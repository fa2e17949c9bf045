// SPDX-License-Identifier: GPL-2.0-or-later
// The way of the packets of openings through this host, for the judge.
#pragma once

#include "names.h"

#include "upnpd/firewall/factory.h"
#include "upnpd/inspect/openings.h"

#include <span>
#include <vector>

namespace igd::firewall {

/// Returns the ways from each external interface to the networks of the internal ones, as their
/// addresses are now. An internal interface without an address counts as one with a usual one, so
/// that its rules are there when it comes.
[[nodiscard]] std::vector<inspect::Path> pathsOf(const FirewallConfig& config, const Family& family,
                                                 std::span<const Ipv4Address> externalAddresses);

}  // namespace igd::firewall
