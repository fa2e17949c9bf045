// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.h"

#include "find_daemon.h"

#include <fmt/format.h>

#include <cstdio>

namespace igd::ctl {
namespace {

const char* wordOf(int status) {
    if (status == kMisused) return "usage";
    if (status == kNotPermitted) return "permission";
    return status == kNotRunning ? "not-running" : "refused";
}

}  // namespace

void say(const std::string& text) {
    std::fputs(text.c_str(), stdout);
}

std::string lineOf(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

int failed(const Failure& failure, bool json) {
    fmt::print(stderr, "upnpctl: {}\n", failure.text);
    if (json)
        say(lineOf(failure.answer.is_object() ? failure.answer
                                              : Json{{"ok", false},
                                                     {"schema", 1},
                                                     {"error", wordOf(failure.status)},
                                                     {"text", failure.text}}));
    return failure.status;
}

Outcome<Daemon> Session::daemon() const {
    return findDaemon(arguments_, settings_);
}

}  // namespace igd::ctl
