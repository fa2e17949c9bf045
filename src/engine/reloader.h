// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the configuration again (SIGHUP, `upnpctl reload`). It is a transaction: what can fail is
// tried first, beside what serves, and a mistake, a port that is taken or a firewall that refuses
// leaves the old settings in force.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/supervisor/front_ends.h"
#include "upnpd/util/time.h"

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
    std::vector<FrontEnds::Objection> objections{};  ///< that are in `refused`
};

/// Gives `fresh` the values of `running` for whatever is opened once and with rights that are gone:
/// the external interface, the firewall's chains, files, the user. Returns the keys that differed.
[[nodiscard]] std::vector<std::string> keepUntilRestart(const Configuration& running,
                                                        Configuration& fresh);

class Reloader {
public:
    struct Parts {
        std::function<LoadedConfiguration()> reread;
        /// Judges what of `fresh` can be said at once: reasons against it.
        std::function<std::vector<std::string>(const Configuration& fresh)> judge;
        /// Tries out what of `fresh` has to be tried, beside what is in force. Calls `judged` once,
        /// in the loop.
        std::function<void(const Configuration& fresh, FrontEnds::Judged judged)> tryOut;
        /// Puts the configuration into force in the kernel; `before` was until now. false: the
        /// firewall does not take that, and nothing has changed.
        std::function<bool(const Configuration& before)> enforce;
        /// The configuration is in force in the kernel; puts it into force elsewhere.
        std::function<void(const Configuration& before)> applied;
        /// Calls `judged` once, in the loop, when it is known who serves under the configuration.
        std::function<void(FrontEnds::Judged judged)> settle;
    };
    using Done = std::function<void(const Reloaded&)>;
    /// `configuration` is the one that everybody reads; it must outlive this.
    Reloader(Configuration& configuration, Parts parts)
        : configuration_(configuration), parts_(std::move(parts)) {}

    /// Calls `done` once with what has come of it, at once or later. Who asks while a reload goes
    /// on is answered by the next one, which begins after it.
    void reload(Done done);

    struct Last {
        TimePoint at;
        std::optional<std::string> refused;
    };
    /// Returns what came of the last reload; nullopt: there was none.
    [[nodiscard]] const std::optional<Last>& last() const { return last_; }

private:
    void begin();
    void tried(const std::vector<FrontEnds::Objection>& objections);
    void settled(const std::vector<FrontEnds::Objection>& failures);
    void refuse(const std::vector<FrontEnds::Objection>& objections);
    void refuse(const std::string& why);
    void finish();

    Configuration& configuration_;
    Parts parts_;
    std::vector<Done> waiting_;  ///< for the next reload
    std::vector<Done> asked_;    ///< for the one that goes on
    std::optional<Configuration> fresh_;
    std::optional<Configuration> before_;
    Reloaded result_;
    std::optional<Last> last_;
};

}  // namespace igd
