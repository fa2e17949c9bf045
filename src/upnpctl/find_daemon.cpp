// SPDX-License-Identifier: GPL-2.0-or-later
#include "find_daemon.h"

#include <fmt/format.h>

namespace igd::ctl {

Outcome<Daemon> findDaemon(const Arguments& arguments, const ControlSettings& settings) {
    if (arguments.socket) return Daemon::at(*arguments.socket);
    if (!arguments.configuration)
        if (auto daemon = Daemon::ofThisNetwork()) return *std::move(daemon);
    if (!settings.socket) return tl::unexpected(Failure{settings.socket.error(), kMisused});
    if (*settings.socket) return Daemon::at((*settings.socket)->string());
    const std::string file = arguments.configuration.value_or("the configuration");
    return tl::unexpected(Failure{
        fmt::format("{} says \"control_socket = none\", so its daemon has no socket file; without "
                    "-c, upnpctl asks the daemon of this network namespace",
                    file),
        kNotRunning});
}

}  // namespace igd::ctl
