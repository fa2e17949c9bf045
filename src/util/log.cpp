// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/util/log.h"

#include "journal.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>

#include <syslog.h>
#include <unistd.h>

namespace igd::log {
namespace {

std::atomic<Target> gTarget{Target::StandardError};
std::atomic<int> gDebugMode{2};
std::atomic<bool> gToJournalStream{false};  ///< standard error leads to the journal
/// A longer line is cut: a datagram to the journal, and a terminal, have no room for any length.
constexpr std::size_t kLongestLine = 8192;

int debugModeFor(Level level) {
    switch (level) {
        case Level::Notice:
        case Level::Error:
            return 0;
        case Level::Warning:
        case Level::Change:
            return 1;
        case Level::Info:
            return 2;
        case Level::Debug:
            return kMostTalkative;
    }
    return 0;
}

int priorityOf(Level level) {
    switch (level) {
        case Level::Notice:
        case Level::Change:
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
        case Level::Change:
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
    for (const char c : text.substr(0, kLongestLine)) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            result += c;
    }
    return result;
}

/// Returns the value of $JOURNAL_STREAM.
std::string_view journalStream() {
    const char* const value = std::getenv("JOURNAL_STREAM");
    return value != nullptr ? value : "";
}

const Journal& journal() {
    static const Journal instance;
    return instance;
}

/// The line is one write, because processes and threads share standard error. The journal reads a
/// priority in front of it (sd-daemon(3)) and knows whose the line is.
void writeToStandardError(Level level, const std::string& text) {
    const std::string line = gToJournalStream
                                 ? fmt::format("<{}>{}\n", priorityOf(level), text)
                                 : fmt::format("upnpd: {:7} {}\n", nameOf(level), text);
    std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

Target targetFor(bool foreground) {
    if (!foreground) return Target::Syslog;
    return isJournalStream(STDERR_FILENO, journalStream()) ? Target::Journal
                                                           : Target::StandardError;
}

void open(Target target, int debugMode) {
    gTarget = target;
    gToJournalStream = isJournalStream(STDERR_FILENO, journalStream());
    gDebugMode = debugMode;
    if (target == Target::Syslog) ::openlog("upnpd", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void setDebugMode(int debugMode) {
    gDebugMode = debugMode;
}

bool enabled(Level level) {
    return gDebugMode >= debugModeFor(level);
}

void write(Level level, std::string_view line, const Subject& subject) {
    const std::string text = oneLine(line);
    if (gTarget == Target::Syslog) return ::syslog(priorityOf(level), "%s", text.c_str());
    if (gTarget == Target::Journal && journal().write(priorityOf(level), text, subject)) return;
    writeToStandardError(level, text);
}

}  // namespace igd::log
