// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/log.h"

#include <atomic>
#include <cstdio>
#include <iterator>
#include <string>

#include <syslog.h>

namespace igd::log {
namespace {

std::atomic<Target> gTarget{Target::StandardError};
std::atomic<int> gDebugMode{2};

int debugModeFor(Level level) {
    switch (level) {
        case Level::Notice:
            return 0;
        case Level::Error:
        case Level::Warning:
            return 1;
        case Level::Info:
            return 2;
        case Level::Debug:
            return 3;
    }
    return 0;
}

int priorityOf(Level level) {
    switch (level) {
        case Level::Notice:
            return LOG_NOTICE;
        case Level::Error:
            return LOG_ERR;
        case Level::Warning:
            return LOG_WARNING;
        case Level::Info:
            return LOG_INFO;
        case Level::Debug:
            return LOG_DEBUG;
    }
    return LOG_ERR;
}

std::string_view nameOf(Level level) {
    switch (level) {
        case Level::Notice:
            return "notice";
        case Level::Error:
            return "error";
        case Level::Warning:
            return "warning";
        case Level::Info:
            return "info";
        case Level::Debug:
            return "debug";
    }
    return "error";
}

std::string oneLine(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            fmt::format_to(std::back_inserter(result), "\\x{:02x}", static_cast<unsigned char>(c));
        else
            result += c;
    }
    return result;
}

}  // namespace

void open(Target target, int debugMode) {
    gTarget = target;
    gDebugMode = debugMode;
    if (target == Target::Syslog) ::openlog("upnpd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

bool enabled(Level level) {
    return gDebugMode >= debugModeFor(level);
}

void write(Level level, std::string_view line) {
    const std::string text = oneLine(line);
    if (gTarget == Target::Syslog) {
        ::syslog(priorityOf(level), "%s", text.c_str());
        return;
    }
    // The line is one write, because processes and threads share standard error.
    const std::string whole = fmt::format("upnpd: {:7} {}\n", nameOf(level), text);
    std::fwrite(whole.data(), 1, whole.size(), stderr);
}

}  // namespace igd::log
