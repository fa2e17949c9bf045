// SPDX-License-Identifier: GPL-2.0-or-later
// The configuration read again: what of it counts at once and what has to wait for the next start.
#pragma once

#include "upnpd/config/settings.h"

#include <optional>
#include <string>
#include <vector>

namespace igd {

/// What came of reading it again.
struct Reloaded {
    std::optional<std::string> refused;  ///< a sentence: the old settings stay in force
    std::vector<std::string>
        notes;  ///< "upnpd.conf:41: warning: ...", and what else there is to say
};

/// Gives `fresh` the values of `running` for whatever is opened once and with rights that are gone:
/// the external interface, the firewall's chains, files, the user. Returns the keys that differed.
[[nodiscard]] std::vector<std::string> keepUntilRestart(const Configuration& running,
                                                        Configuration& fresh);

}  // namespace igd
