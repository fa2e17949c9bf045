// SPDX-License-Identifier: GPL-2.0-or-later
// upnpd reads its options and its configuration, goes to the background and runs the engine; or,
// run by the engine itself, it is one of its children.
#include "upnpd/config/host_checks.h"
#include "upnpd/config/import.h"
#include "upnpd/config/options.h"
#include "upnpd/config/settings.h"
#include "upnpd/config/suggest.h"
#include "upnpd/engine/run.h"
#include "upnpd/external/stun_client.h"
#include "upnpd/firewall/factory.h"
#include "upnpd/names/name_reader.h"
#include "upnpd/system/child_process.h"
#include "upnpd/system/daemonise.h"
#include "upnpd/system/held_signals.h"
#include "upnpd/system/hook_runner.h"
#include "upnpd/system/namespace_lock.h"
#include "upnpd/system/own_files.h"
#include "upnpd/system/privileges.h"
#include "upnpd/system/service_manager.h"
#include "upnpd/upstream/above_process.h"
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

#include <sys/stat.h>

namespace igd {
namespace {

constexpr int kStartFailed = 1;
constexpr int kUnusable = 2;

void say(std::FILE* stream, std::string_view text) {
    fmt::print(stream, "{}\n", text);
}

/// Makes the directories of the daemon's files. A disk that is full keeps no gateway off: there are
/// no leases then.
OwnDirectories makeDirectories(Configuration& configuration) {
    OwnDirectories directories;
    directories.add(configuration.pidFile);
    if (configuration.controlSocket) {
        requireSocketPlace(*configuration.controlSocket);
        directories.add(*configuration.controlSocket);
    }
    try {
        if (configuration.leaseFile) directories.add(*configuration.leaseFile);
    } catch (const FileError& error) {
        if (!isAboutDisk(error.cause)) throw;
        log::error("system: no leases are kept until the next start: {}", error.what());
        configuration.leaseFile.reset();
    }
    return directories;
}

/// Runs the daemon proper. Throws when something fails that the start needs.
int serve(const Options& options, const Surroundings& surroundings,
          const LoadedConfiguration& loaded, log::Target target, HeldSignals& signals) {
    Configuration configuration = *loaded.configuration;
    log::open(target, configuration.debugMode);
    const ServiceManager serviceManager;  // before the fork: it names the process that was started
    std::optional<Background> background;
    if (!options.foreground) background.emplace(signals);
    requireNetworkRights();
    for (const Diagnostic& diagnostic : loaded.diagnostics)
        log::format(levelOf(diagnostic.severity), "{}", toString(diagnostic));
    const NamespaceLock alone;
    const SystemUser account = findSystemUser(configuration.user);
    const OwnDirectories directories = makeDirectories(configuration);
    // The file is made while it is still root's: root without CAP_DAC_OVERRIDE may not write into
    // another account's directory.
    const PidFile pidFile{configuration.pidFile};
    directories.give(account);
    return runEngine(
        configuration,
        {.reread = [&] { return loadConfiguration(options, surroundings); },
         .logTarget = target,
         .account = account,
         .serviceManager = serviceManager,
         .place = alone,
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
    requireNetworkRights();
    return cleanUpFirewall() ? 0 : kStartFailed;
}

/// Answers `-t`.
int check(const LoadedConfiguration& loaded, const Surroundings& surroundings) {
    for (const Diagnostic& diagnostic : loaded.diagnostics) say(stderr, toString(diagnostic));
    if (!loaded.configuration) return kUnusable;
    const std::string& file = loaded.configuration->file;
    say(stdout, fmt::format("{}: ok, {}", file.empty() ? "command line" : file,
                            summary(*loaded.configuration, surroundings.host())));
    return 0;
}

int run(Options options) {
    // Both are used after chdir("/").
    for (auto* const file : {&options.configurationFile, &options.pidFile})
        if (*file) *file = std::filesystem::absolute(**file).string();
    HeldSignals signals;
    const Surroundings surroundings = Surroundings::ofThisProcess();
    const LoadedConfiguration loaded = loadConfiguration(options, surroundings);
    if (options.command == Command::Check) return check(loaded, surroundings);
    const auto target = options.logTo.value_or(log::targetFor(options.foreground));
    // Whoever starts a daemon sees its standard error, until it serves, and may not see its log.
    const bool sayToo = !options.foreground || target == log::Target::Syslog;
    if (!loaded.configuration) {
        log::open(target, Settings{}.debugMode);
        for (const Diagnostic& diagnostic : loaded.diagnostics) {
            log::format(levelOf(diagnostic.severity), "{}", toString(diagnostic));
            if (sayToo) say(stderr, toString(diagnostic));
        }
        return kUnusable;
    }
    try {
        return serve(options, surroundings, loaded, target, signals);
    } catch (const std::exception& error) {
        log::error("cannot start: {}", error.what());
        if (sayToo) say(stderr, fmt::format("upnpd: cannot start: {}", error.what()));
        return kStartFailed;
    }
}

int printSuggestion() {
    const Suggestion suggestion = suggestConfiguration(readHostFacts());
    fmt::print("{}", suggestion.text);
    return suggestion.isComplete ? 0 : kStartFailed;
}

int printImported(const std::string& file) {
    const auto imported = importFile(file, readHostFacts());
    if (!imported) {
        say(stderr, imported.error());
        return kUnusable;
    }
    fmt::print("{}", imported->text);
    for (const Diagnostic& diagnostic : imported->diagnostics) say(stderr, toString(diagnostic));
    return hasErrors(imported->diagnostics) ? kUnusable : 0;
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
    if (options->command == Command::Suggest) return printSuggestion();
    if (options->command == Command::Import) return printImported(options->importedFile);
    return options->command == Command::CleanUp ? cleanUp() : run(*options);
}

}  // namespace
}  // namespace igd

int main(int argc, char** argv) {
    const std::vector<std::string> arguments{argv + 1, argv + argc};
    std::signal(SIGPIPE, SIG_IGN);
    ::umask(022);  // a file that is not for everybody says so itself
    try {
        igd::fillStandardStreams();
        const std::string role = arguments.empty() ? "" : arguments.front();
        if (role == igd::kStunArgument)
            return igd::runStunClient({arguments.begin() + 1, arguments.end()});
        if (role == igd::kRunProgramArgument && arguments.size() == 2)
            return igd::runProgram(arguments[1]);
        if (role == igd::kAskAboveArgument) return igd::runAboveProcess();
        if (role == igd::kNamesArgument) return igd::runNameReader();
        return igd::start(arguments);
    } catch (const std::exception& error) {
        igd::log::error("{}", error.what());
        return igd::kStartFailed;
    }
}
