// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon that the administrator means.
#pragma once

#include "arguments.h"
#include "daemon.h"

#include "upnpd/config/control_settings.h"

namespace igd::ctl {

/// Returns the daemon at the socket that `arguments` name, or that of the file which they name; or
/// else the one of this network namespace, whatever its file is, or at last the one at the default
/// file's socket. `settings` is what the file says. The error says why there is none, and has the
/// faults of a file that had to be read.
[[nodiscard]] Outcome<Daemon> findDaemon(const Arguments& arguments,
                                         const ControlSettings& settings);

}  // namespace igd::ctl
