// SPDX-License-Identifier: GPL-2.0-or-later
// Events of `watch` for people, a line each.
#pragma once

#include "daemon.h"
#include "screen.h"

#include <string>

namespace igd::ctl {

/// Returns "21:07:40 granted    7 udp 3075 -> nas:3074, upnp, for ever, "Demonware"" and a newline,
/// in local time.
[[nodiscard]] std::string eventText(const Json& event, const Screen& screen = {});

}  // namespace igd::ctl
