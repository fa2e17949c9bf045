// SPDX-License-Identifier: GPL-2.0-or-later
// Openings, written for people.
#pragma once

#include "daemon.h"
#include "screen.h"

#include <string>
#include <vector>

namespace igd::ctl {

/// Returns one line per mapping below a heading.
[[nodiscard]] std::string listText(const std::vector<Json>& mappings, const Screen& screen = {});
/// Returns one line per pinhole below a heading; nothing when there are none.
[[nodiscard]] std::string pinholesText(const std::vector<Json>& pinholes,
                                       const Screen& screen = {});
/// Returns the same for the flows that PCP's PEER keeps.
[[nodiscard]] std::string flowsText(const std::vector<Json>& flows, const Screen& screen = {});

/// Returns everything about one opening, one line a fact.
[[nodiscard]] std::string openingText(const Json& opening, const Screen& screen = {});

/// Returns an opening in some words: "tcp 8443 -> nas:443", "tcp [2001:db8::5]:443".
[[nodiscard]] std::string shortText(const Json& opening);

/// Returns its ports: "tcp 8443 -> 443", "udp 3074".
[[nodiscard]] std::string endsText(const Json& opening);

/// Returns "nas (192.168.1.5)", or the address alone.
[[nodiscard]] std::string clientText(const Json& opening);

/// Returns the description, of an opening or of the first of its claims that has one.
[[nodiscard]] std::string descriptionOf(const Json& opening);

}  // namespace igd::ctl
