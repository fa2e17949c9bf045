// SPDX-License-Identifier: GPL-2.0-or-later
// upnpctl asks and tells the running daemon; `check` judges the host, also without a daemon.
#include "run.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <clocale>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

int main(int argc, char** argv) try {
    using namespace igd::ctl;
    std::setlocale(LC_CTYPE, "");
    igd::log::open(igd::log::Target::StandardError, 0);
    const std::vector<std::string> words{argv + 1, argv + argc};
    const auto arguments = parseArguments(words);
    if (!arguments)
        return failed({arguments.error() + "\nTry \"upnpctl help\".", kMisused}, wantsJson(words));
    const Session session{*arguments};
    return std::visit([&](const auto& command) { return run(session, command); },
                      arguments->command);
} catch (const std::exception& error) {
    fmt::print(stderr, "upnpctl: {}\n", error.what());
    return igd::ctl::kRefused;
}
