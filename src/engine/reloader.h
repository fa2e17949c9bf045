// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the configuration again (SIGHUP, `upnpctl reload`). It is a change like any other: a
// mistake, or a firewall that refuses, leaves the old settings in force.
#pragma once

#include "upnpd/config/settings.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace igd {

/// Holds what came of reading the configuration again.
struct Reloaded {
    std::optional<std::string> refused;  ///< a sentence: the old settings stay in force
    std::vector<std::string>
        notes;  ///< "upnpd.conf:41: warning: ...", and what else there is to say
};

/// Gives `fresh` the values of `running` for whatever is opened once and with rights that are gone:
/// the external interface, the firewall's chains, files, the user. Returns the keys that differed.
[[nodiscard]] std::vector<std::string> keepUntilRestart(const Configuration& running,
                                                        Configuration& fresh);

class Reloader {
public:
    struct Parts {
        std::function<LoadedConfiguration()> reread;
        /// Ends and shortens what `configuration` does not permit; false: the firewall does not
        /// take that, and nothing has changed.
        std::function<bool()> enforce;
        /// The configuration is in force; `before` was until now.
        std::function<void(const Configuration& before)> applied;
    };
    /// `configuration` is the one that everybody reads; it must outlive this.
    Reloader(Configuration& configuration, Parts parts)
        : configuration_(configuration), parts_(std::move(parts)) {}

    [[nodiscard]] Reloaded reload();

private:
    Configuration& configuration_;
    Parts parts_;
};

}  // namespace igd
