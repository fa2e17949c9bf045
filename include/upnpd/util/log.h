// SPDX-License-Identifier: GPL-2.0-or-later
// The log is syslog (ident upnpd, facility daemon), the journal of systemd, or standard error. Any
// thread may write.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace igd::log {

/// The levels, from the least to the most talkative. debug_mode (upnpd.conf(5)) says what is
/// written.
enum class Level {
    Notice,   ///< start and stop: always written
    Error,    ///< someone must act: always written
    Warning,  ///< something was lost: debug_mode >= 1
    Change,   ///< an address, a repair, a reload: debug_mode >= 1
    Info,     ///< a mapping was granted, refused or ended: debug_mode >= 2
    Debug,    ///< each request: debug_mode >= 3
};

enum class Target : std::uint8_t { Syslog, StandardError, Journal };

/// The highest debug_mode.
constexpr int kMostTalkative = 3;

/// The opening that a line is about: fields of its own in the journal (UPNPD_CLIENT= and so on).
struct Subject {
    std::string client;      ///< an address; empty: the line is about no client
    std::uint16_t port = 0;  ///< 0: about no port
    std::string_view action;
};

/// Returns where a daemon logs that was not told: in the foreground to the journal when standard
/// error leads there, else to standard error; in the background to syslog.
[[nodiscard]] Target targetFor(bool foreground);

/// Opens the log. `debugMode` is 0..3.
void open(Target target, int debugMode);

/// Changes what is written from now on. `debugMode` is 0..3.
void setDebugMode(int debugMode);

[[nodiscard]] bool enabled(Level level);

/// Writes one line. Control characters in `line` are escaped.
void write(Level level, std::string_view line, const Subject& subject = {});

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
void change(fmt::format_string<Args...> form, Args&&... args) {
    format(Level::Change, form, std::forward<Args>(args)...);
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
