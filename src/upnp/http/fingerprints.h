// SPDX-License-Identifier: GPL-2.0-or-later
// The one table of clients that need to be told in their own way. All others see the version that
// they have searched for. Pure.
#pragma once

#include "upnpd/igd/service_model.h"

#include <optional>
#include <string_view>

namespace igd::upnp {

/// Returns the version that a client has to see whatever it has searched for, by its User-Agent
/// (empty: it sends none); nullopt: the one that it has searched for.
[[nodiscard]] std::optional<IgdVersion> versionFor(std::string_view userAgent);

/// Returns whether it is Microsoft's, whose window of the gateway's mappings edits only those
/// without an end.
[[nodiscard]] bool editsOnlyEndless(std::string_view userAgent);

}  // namespace igd::upnp
