// SPDX-License-Identifier: GPL-2.0-or-later
// The settings that count: those of the daemon that runs, or else of its file.
#pragma once

#include "session.h"

#include <vector>

namespace igd::ctl {

struct SettingsInForce {
    bool running = false;        ///< a daemon has told them
    std::vector<Json> settings;  ///< as {"key", "value", "place", "default"}
};

/// Returns them. The errors of the file are in the text of a failure.
[[nodiscard]] Outcome<SettingsInForce> settingsInForce(const Session& session);

}  // namespace igd::ctl
