// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/options.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <string_view>

#include <getopt.h>

namespace igd {
namespace {

constexpr std::string_view kUsage =
    "usage: upnpd [-f] [-c FILE] [-p FILE] [-t | --cleanup] [EXTERNAL INTERNAL [INTERNAL...]]\n";
constexpr int kNoLongOption = -1;
constexpr int kCleanUp = 256;  // no letter

constexpr option kLong[] = {
    {"check", no_argument, nullptr, 't'},        {"cleanup", no_argument, nullptr, kCleanUp},
    {"config", required_argument, nullptr, 'c'}, {"foreground", no_argument, nullptr, 'f'},
    {"help", no_argument, nullptr, 'h'},         {"pidfile", required_argument, nullptr, 'p'},
    {"version", no_argument, nullptr, 'V'},      {nullptr, 0, nullptr, 0},
};

tl::unexpected<std::string> misused(std::string_view what) {
    return tl::unexpected(fmt::format("upnpd: {}\n{}Try \"upnpd --help\".\n", what, kUsage));
}

std::string refused(int returned, const std::string& argument) {
    // For an unknown long option optopt is 0, and its text is the argument before optind.
    const std::string name = ::optopt != 0 && !argument.starts_with("--")
                                 ? fmt::format("-{}", static_cast<char>(::optopt))
                                 : argument;
    if (returned == ':') return fmt::format("option {} needs a value", igd::quoted(name));
    return fmt::format("option {} is not known, is short for several, or takes no value",
                       igd::quoted(name));
}

void apply(int option, Options& options) {
    switch (option) {
        case kCleanUp:
            options.command = Command::CleanUp;
            return;
        case 'c':
            options.configurationFile = ::optarg;
            return;
        case 'p':
            options.pidFile = ::optarg;
            return;
        case 'f':
            options.foreground = true;
            return;
        case 't':
            options.command = Command::Check;
            return;
        case 'h':
            options.command = Command::Help;
            return;
        default:
            options.command = Command::Version;
            return;
    }
}

/// miniupnpd's -f names its configuration file, so its users type this.
bool isFileName(const std::string& argument) {
    return argument.find('/') != std::string::npos || argument.ends_with(".conf");
}

tl::expected<Options, std::string> withInterfaces(Options options,
                                                  std::span<const std::string> names) {
    for (const auto& name : names) {
        if (isFileName(name))
            return misused(
                fmt::format("{} is not an interface; -c FILE names a configuration file (-f is for "
                            "the foreground)",
                            igd::quoted(name)));
        const auto interface = InterfaceName::parse(name);
        if (!interface)
            return misused(
                fmt::format("{} is not the name of a network interface", igd::quoted(name)));
        if (!options.external)
            options.external = interface;
        else
            options.internal.push_back(*interface);
    }
    if (names.size() == 1)
        return misused(
            fmt::format("{} alone: expected the external interface and at least one internal one",
                        igd::quoted(names.front())));
    return options;
}

}  // namespace

tl::expected<Options, std::string> parseOptions(std::span<const std::string> arguments) {
    std::vector<std::string> copies{"upnpd"};
    copies.insert(copies.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    argv.reserve(copies.size() + 1);
    for (auto& copy : copies) argv.push_back(copy.data());
    argv.push_back(nullptr);

    Options options;
    ::optind = 0;  // glibc: begin anew
    for (;;) {
        const int letter = ::getopt_long(static_cast<int>(copies.size()), argv.data(), ":c:fhp:tV",
                                         kLong, nullptr);
        if (letter == kNoLongOption) break;
        if (letter == '?' || letter == ':')
            return misused(refused(letter, argv[static_cast<std::size_t>(::optind) - 1]));
        apply(letter, options);
        if (options.command == Command::Help || options.command == Command::Version) return options;
    }
    // getopt_long() has moved the options before the interfaces.
    const std::vector<std::string> names(argv.begin() + ::optind, argv.end() - 1);
    return withInterfaces(std::move(options), names);
}

std::string helpText() {
    return fmt::format(
        "{}\nLets programs on the internal networks map ports of the external interface (UPnP "
        "IGD).\n\n"
        "  -c, --config FILE    read FILE instead of " UPNPD_CONFIGURATION
        "\n"
        "  -f, --foreground     do not become a daemon; log to standard error\n"
        "  -p, --pidfile FILE   write the process id there\n"
        "  -t, --check          only check the configuration; exit status 0 or 2\n"
        "      --cleanup        take out of the kernel what a killed daemon left; exit status 0 or "
        "1\n"
        "  -h, --help           this text\n"
        "  -V, --version        the version\n\n"
        "EXTERNAL and INTERNAL are names of network interfaces (upnpd ppp0 eth0); they win over "
        "the file.\n"
        "See upnpd(8) and upnpd.conf(5).\n",
        kUsage);
}

std::string versionText() {
    return "upnpd " UPNPD_VERSION "\n";
}

}  // namespace igd
