// SPDX-License-Identifier: GPL-2.0-or-later
// One run of upnpctl(8): what was typed, the daemon that is meant, and where answers go.
#pragma once

#include "arguments.h"
#include "daemon.h"
#include "screen.h"

#include "upnpd/config/control_settings.h"

#include <string>
#include <utility>

namespace igd::ctl {

/// Writes `text` to standard output.
void say(const std::string& text);

/// Returns `json` as one line; octets that are no UTF-8 are replaced.
[[nodiscard]] std::string lineOf(const Json& json);

/// Says it on standard error, and in JSON on standard output too when that is asked for: whoever
/// reads the output gets one object, always. Returns the exit status.
int failed(const Failure& failure, bool json);

class Session {
public:
    explicit Session(const Arguments& arguments)
        : arguments_(arguments), settings_(loadControlSettings(arguments.configuration)) {}

    [[nodiscard]] const Arguments& arguments() const { return arguments_; }
    [[nodiscard]] const ControlSettings& settings() const { return settings_; }
    [[nodiscard]] const Screen& screen() const { return screen_; }
    [[nodiscard]] bool json() const { return arguments_.json; }

    /// Returns the daemon that is meant. The error says why there is none.
    [[nodiscard]] Outcome<Daemon> daemon() const;

    /// Says it; returns the exit status.
    [[nodiscard]] int failed(const Failure& failure) const { return ctl::failed(failure, json()); }

    /// Runs `use` with the daemon; returns the exit status.
    template <class Use>
    [[nodiscard]] int withDaemon(const Use& use) const {
        const auto found = daemon();
        return found ? use(*found) : failed(found.error());
    }

    /// Shows `answer` as it is, or as `text` writes it; returns the exit status.
    template <class Text>
    [[nodiscard]] int show(const Outcome<Json>& answer, const Text& text) const {
        if (!answer) return failed(answer.error());
        say(json() ? lineOf(*answer) : text(*answer));
        return 0;
    }

private:
    const Arguments& arguments_;
    const ControlSettings settings_;
    const Screen screen_ = Screen::ofOutput();
};

}  // namespace igd::ctl
