// SPDX-License-Identifier: GPL-2.0-or-later
#include "screen.h"

#include "upnpd/util/parse.h"

#include <cstdlib>
#include <string_view>

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace igd::ctl {
namespace {

/// Returns the value of that variable; empty: it is not set.
std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
    return value == nullptr ? std::string_view{} : value;
}

}  // namespace

Screen Screen::ofOutput() {
    Screen screen;
    screen.unicode = std::string_view{::nl_langinfo(CODESET)} == "UTF-8";
    if (::isatty(STDOUT_FILENO) == 0) return screen;
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        if (size.ws_col != 0) screen.columns = size.ws_col;
        if (size.ws_row != 0) screen.lines = size.ws_row;
    }
    if (const auto columns = parseUnsigned<std::uint16_t>(variable("COLUMNS")); columns)
        if (*columns != 0) screen.columns = *columns;
    const std::string_view terminal = variable("TERM");
    screen.colours = variable("NO_COLOR").empty() && !terminal.empty() && terminal != "dumb";
    return screen;
}

}  // namespace igd::ctl
