// SPDX-License-Identifier: GPL-2.0-or-later
// upnpd reads its options and its configuration, goes to the background and runs the engine; or,
// run by the engine itself, it is one of its children.
#include "upnpd/config/options.h"
#include "upnpd/config/settings.h"
#include "upnpd/engine/run.h"
#include "upnpd/external/stun_client.h"
#include "upnpd/firewall/factory.h"
#include "upnpd/system/child_process.h"
#include "upnpd/system/daemonise.h"
#include "upnpd/system/held_signals.h"
#include "upnpd/system/namespace_lock.h"
#include "upnpd/system/privileges.h"
#include "upnpd/system/service_manager.h"
#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace igd {
namespace {

constexpr int kStartFailed = 1;
constexpr int kUnusable = 2;

void say(std::FILE* stream, std::string_view text) {
    fmt::print(stream, "{}\n", text);
}

/// Runs the daemon proper. Throws when something fails that the start needs.
int serve(const Options& options, const Surroundings& surroundings,
          const LoadedConfiguration& loaded) {
    const Configuration& configuration = *loaded.configuration;
    const ServiceManager serviceManager;  // before the fork: it names the process that was started
    std::optional<Background> background;
    if (!options.foreground) background.emplace();
    const auto target = options.foreground ? log::Target::StandardError : log::Target::Syslog;
    log::open(target, configuration.debugMode);
    for (const Diagnostic& diagnostic : loaded.diagnostics)
        log::format(levelOf(diagnostic.severity), "{}", toString(diagnostic));
    HeldSignals signals;
    const NamespaceLock alone;
    const SystemUser account = findSystemUser(configuration.user);
    // The files are made while they are still root's: root without CAP_DAC_OVERRIDE may not write
    // into another account's directory.
    const PidFile pidFile{configuration.pidFile};
    giveDirectory(configuration.pidFile.parent_path(), account);
    if (configuration.controlSocket) {
        makeDirectory(configuration.controlSocket->parent_path());
        giveDirectory(configuration.controlSocket->parent_path(), account);
    }
    if (configuration.leaseFile) {
        makeDirectory(configuration.leaseFile->parent_path());
        giveDirectory(configuration.leaseFile->parent_path(), account);
    }
    return runEngine(
        configuration,
        {.reread = [&] { return loadConfiguration(options, surroundings); },
         .logTarget = target,
         .account = account,
         .serviceManager = serviceManager,
         .listening = [&] { signals.release(); },
         .ready =
             [&] {
                 pidFile.write();
                 serviceManager.ready();  // while the process that was started is still there
                 if (background) background->ready();
             }});
}

/// Removes the rules. It needs no configuration, because they have our name on them.
int cleanUp() {
    log::open(log::Target::StandardError, 1);
    return cleanUpFirewall() ? 0 : kStartFailed;
}

int run(Options options) {
    // The file is read again after chdir("/").
    if (options.configurationFile)
        options.configurationFile = std::filesystem::absolute(*options.configurationFile).string();
    const Surroundings surroundings = Surroundings::ofThisProcess();
    const LoadedConfiguration loaded = loadConfiguration(options, surroundings);
    if (!loaded.configuration || options.command == Command::Check)
        for (const Diagnostic& diagnostic : loaded.diagnostics) say(stderr, toString(diagnostic));
    if (!loaded.configuration) return kUnusable;
    if (options.command == Command::Check) return 0;
    try {
        return serve(options, surroundings, loaded);
    } catch (const std::exception& error) {
        log::notice("cannot start: {}", error.what());
        if (!options.foreground) say(stderr, fmt::format("upnpd: cannot start: {}", error.what()));
        return kStartFailed;
    }
}

int start(const std::vector<std::string>& arguments) {
    const auto options = parseOptions(arguments);
    if (!options) {
        say(stderr, options.error());
        return kUnusable;
    }
    if (options->command == Command::Help || options->command == Command::Version) {
        say(stdout, options->command == Command::Help ? helpText() : versionText());
        return 0;
    }
    return options->command == Command::CleanUp ? cleanUp() : run(*options);
}

}  // namespace
}  // namespace igd

int main(int argc, char** argv) {
    const std::vector<std::string> arguments{argv + 1, argv + argc};
    std::signal(SIGPIPE, SIG_IGN);
    try {
        const std::string role = arguments.empty() ? "" : arguments.front();
        if (role == igd::kStunArgument)
            return igd::runStunClient({arguments.begin() + 1, arguments.end()});
        return igd::start(arguments);
    } catch (const std::exception& error) {
        igd::log::notice("{}", error.what());
        return igd::kStartFailed;
    }
}
