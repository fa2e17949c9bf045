// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's answers are written for people here.
#pragma once

#include "daemon.h"
#include "screen.h"

#include <string>

namespace igd::ctl {

[[nodiscard]] std::string statusText(const Json& status);
/// Returns upnpd's remarks about the configuration, one line each, and that it is in force.
[[nodiscard]] std::string reloadText(const Json& answer);

/// Returns what a client would get: one line per protocol, and the line that decides.
[[nodiscard]] std::string explanationText(const Json& answer, const Screen& screen = {});

/// Returns whether the lines of the configuration permit that, and which one decides: one line.
[[nodiscard]] std::string aclText(const Json& answer);
[[nodiscard]] bool isPermitted(const Json& answer);

/// Returns whether each protocol that is served would grant it.
[[nodiscard]] bool isGrantedByAll(const Json& answer);

}  // namespace igd::ctl
