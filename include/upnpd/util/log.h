// SPDX-License-Identifier: GPL-2.0-or-later
// The log is syslog (ident upnpd, facility daemon) or standard error. Any thread may write.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace igd::log {

/// The levels, from the least to the most talkative. debug_mode (upnpd.conf(5)) says what is
/// written.
enum class Level {
    Notice,   ///< life-cycle, and what stops the daemon: always written
    Error,    ///< someone must act: debug_mode >= 1
    Warning,  ///< something was lost: debug_mode >= 1
    Info,     ///< a mapping was granted, refused or ended: debug_mode >= 2
    Debug,    ///< each request: debug_mode >= 3
};

enum class Target { Syslog, StandardError };

/// Opens the log at the start, and again after a reload. `debugMode` is 0..3.
void open(Target target, int debugMode);

[[nodiscard]] bool enabled(Level level);

/// Writes one line. Control characters in `line` are escaped.
void write(Level level, std::string_view line);

template <class... Args>
void format(Level level, fmt::format_string<Args...> form, Args&&... args) {
    if (enabled(level)) write(level, fmt::format(form, std::forward<Args>(args)...));
}

template <class... Args>
void notice(fmt::format_string<Args...> form, Args&&... args) {
    format(Level::Notice, form, std::forward<Args>(args)...);
}
template <class... Args>
void error(fmt::format_string<Args...> form, Args&&... args) {
    format(Level::Error, form, std::forward<Args>(args)...);
}
template <class... Args>
void warning(fmt::format_string<Args...> form, Args&&... args) {
    format(Level::Warning, form, std::forward<Args>(args)...);
}
template <class... Args>
void info(fmt::format_string<Args...> form, Args&&... args) {
    format(Level::Info, form, std::forward<Args>(args)...);
}
template <class... Args>
void debug(fmt::format_string<Args...> form, Args&&... args) {
    format(Level::Debug, form, std::forward<Args>(args)...);
}

}  // namespace igd::log
