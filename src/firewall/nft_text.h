// SPDX-License-Identifier: GPL-2.0-or-later
// The nft scripts that the nftables back end runs, composed from values only: no kernel here.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/firewall.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace igd::firewall {

/// What is left of a stranger's description once nothing in it can end a quoted nft string: valid UTF-8
/// without control characters, double quotes and backslashes, at most 128 bytes (nft's own limit).
[[nodiscard]] std::string nftComment(std::string_view description);

/// Deletes our table if it is there and lays it anew with `rules`, all in one transaction. With
/// `markPriority` it has a chain on the forward hook, at that priority, that marks the packets of live
/// mappings.
[[nodiscard]] std::string tableScript(const InterfaceName& external, std::optional<int> markPriority,
                                      std::span<const Rule> rules);

/// Deletes our table; no error when it is not there.
[[nodiscard]] std::string deleteTableScript();

/// The elements of `delta` go and come in one transaction. A rule to be removed that the kernel has ended
/// already is no error.
[[nodiscard]] std::string deltaScript(const RuleDelta& delta);

}  // namespace igd::firewall
