// SPDX-License-Identifier: GPL-2.0-or-later
// The facts that the running daemon tells `check`, beside those of the host.
#pragma once

#include "daemon.h"
#include "facts.h"

#include "upnpd/config/control_settings.h"

#include <optional>

namespace igd::ctl {

/// Returns the settings that the daemon whose answer to `status` this is runs with, wherever it has
/// them from; nullopt: it tells none.
[[nodiscard]] std::optional<ControlSettings::Service> serviceOf(const Json& status);

/// Adds what the daemon tells: `status` is its answer to that request.
void addDaemon(Facts& facts, const Daemon& daemon, const Json& status);

/// Without the daemon: adds the ports that it could not have.
void addTaken(Facts& facts, const ControlSettings::Service& service);

}  // namespace igd::ctl
