// SPDX-License-Identifier: GPL-2.0-or-later
// Hosts that wait for the administrator's yes, and those that have it, written for people.
#pragma once

#include "daemon.h"
#include "screen.h"

#include <string>

namespace igd::ctl {

/// Returns a table of each; where there are none a line says so.
[[nodiscard]] std::string approvalsText(const Json& approvals, const Screen& screen = {});

}  // namespace igd::ctl
