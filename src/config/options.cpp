// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/options.h"

#include "interface_value.h"

#include "upnpd/system/installation.h"
#include "upnpd/util/build_parts.h"
#include "upnpd/util/text.h"

#include <boost/version.hpp>
#include <fmt/format.h>

#include <string_view>

#include <getopt.h>

namespace igd {
namespace {

constexpr std::string_view kUsage =
    "usage: upnpd [-f] [-c FILE] [-p FILE] [--log-to WHERE] [-t | --cleanup] [EXTERNAL INTERNAL "
    "[INTERNAL...]]\n"
    "       upnpd --suggest | --import FILE\n";
constexpr int kNoLongOption = -1;
/// Options without a letter.
constexpr int kCleanUp = 256;
constexpr int kImport = 257;
constexpr int kSuggest = 258;
constexpr int kLogTo = 259;

constexpr option kLong[] = {
    {"check", no_argument, nullptr, 't'},
    {"cleanup", no_argument, nullptr, kCleanUp},
    {"config", required_argument, nullptr, 'c'},
    {"foreground", no_argument, nullptr, 'f'},
    {"help", no_argument, nullptr, 'h'},
    {"import", required_argument, nullptr, kImport},
    {"log-to", required_argument, nullptr, kLogTo},
    {"pidfile", required_argument, nullptr, 'p'},
    {"suggest", no_argument, nullptr, kSuggest},
    {"version", no_argument, nullptr, 'V'},
    {nullptr, 0, nullptr, 0},
};

tl::unexpected<std::string> misused(std::string_view what) {
    return tl::unexpected(fmt::format("upnpd: {}\n{}Try \"upnpd --help\".\n", what, kUsage));
}

/// Returns the long options that `name`, without a value, is the beginning of; one that it is whole
/// stands for itself.
std::vector<const option*> longOptions(std::string_view name) {
    std::vector<const option*> found;
    for (const option& each : kLong) {
        if (each.name == nullptr) break;
        if (name == each.name) return {&each};
        if (std::string_view{each.name}.starts_with(name)) found.push_back(&each);
    }
    return found;
}

/// Returns why `argument`, which begins with --, is refused.
std::string refusedLong(std::string_view argument) {
    const auto equals = argument.find('=');
    const std::string name = igd::quoted(argument.substr(0, equals));
    const auto found = longOptions(argument.substr(2, equals - 2));
    if (found.empty()) return fmt::format("option {} is not known", name);
    if (found.size() == 1)
        return equals == std::string_view::npos ? fmt::format("option {} needs a value", name)
                                                : fmt::format("option {} takes no value", name);
    std::string all;
    for (const option* each : found)
        all += fmt::format("{}--{}", all.empty() ? "" : ", ", each->name);
    return fmt::format("option {} is short for several: {}", name, all);
}

std::string refused(int returned, const std::string& argument) {
    if (argument.starts_with("--")) return refusedLong(argument);
    // The other letters of a group may be good.
    const auto name = igd::quoted(fmt::format("-{}", static_cast<char>(::optopt)));
    return fmt::format("option {} {}", name, returned == ':' ? "needs a value" : "is not known");
}

void apply(int option, Options& options) {
    switch (option) {
        case kCleanUp:
            options.command = Command::CleanUp;
            return;
        case kImport:
            options.command = Command::Import;
            options.importedFile = ::optarg;
            return;
        case kSuggest:
            options.command = Command::Suggest;
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
        case kLogTo:
            return;
        case 'h':
            options.command = Command::Help;
            return;
        default:
            options.command = Command::Version;
            return;
    }
}

std::optional<log::Target> parseTarget(std::string_view text) {
    if (text == "syslog") return log::Target::Syslog;
    if (text == "journal") return log::Target::Journal;
    if (text == "stderr") return log::Target::StandardError;
    return std::nullopt;
}

/// miniupnpd's -f names its configuration file, so its users type this.
bool isFileName(const std::string& argument) {
    return argument.find('/') != std::string::npos || argument.ends_with(".conf");
}

/// Takes the external interface first. Returns why `text` names none; empty: it does.
std::string takeInterface(Options& options, std::string_view text) {
    if (!options.external) {
        const auto uplink = readUplink(text);
        if (uplink) options.external = *uplink;
        return uplink ? "" : uplink.error();
    }
    const auto value = readInternalValue(text);
    if (!value) return value.error();
    if (const auto* const name = std::get_if<InterfaceName>(&*value))
        options.internal.push_back(*name);
    else
        options.internalPatterns.push_back(std::get<InterfacePattern>(*value));
    return "";
}

tl::expected<Options, std::string> withInterfaces(Options options,
                                                  std::span<const std::string> names) {
    for (const auto& name : names) {
        if (isFileName(name))
            return misused(
                fmt::format("{} is not an interface; -c FILE names a configuration file (-f is for "
                            "the foreground)",
                            igd::quoted(name)));
        const auto fault = takeInterface(options, name);
        if (!fault.empty())
            return misused(fmt::format("{} is not the name of a network interface: {}",
                                       igd::quoted(name), fault));
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
        if (::optarg != nullptr && *::optarg == '\0')
            return misused(fmt::format("option {} is empty: expected the name of a file",
                                       letter == 'c'      ? "-c (--config)"
                                       : letter == 'p'    ? "-p (--pidfile)"
                                       : letter == kLogTo ? "--log-to"
                                                          : "--import"));
        if (letter == kLogTo && !(options.logTo = parseTarget(::optarg)))
            return misused(fmt::format("--log-to {}: expected syslog, journal or stderr",
                                       igd::quoted(::optarg)));
        apply(letter, options);
        if (options.command == Command::Help || options.command == Command::Version) return options;
    }
    if (options.logTo == log::Target::StandardError && !options.foreground)
        return misused("--log-to stderr: in the background nobody reads that; -f is missing");
    // getopt_long() has moved the options before the interfaces.
    const std::vector<std::string> names(argv.begin() + ::optind, argv.end() - 1);
    return withInterfaces(std::move(options), names);
}

std::string helpText() {
    return fmt::format(
        "{}\nLets programs on the internal networks map ports of the external interface (UPnP "
        "IGD).\n\n"
        "  -c, --config FILE    read FILE instead of {}/linuxigd/upnpd.conf\n"
        "  -f, --foreground     do not become a daemon; log to standard error\n"
        "      --log-to WHERE   log to syslog, journal or (with -f) stderr\n"
        "  -p, --pidfile FILE   write the process id there\n"
        "  -t, --check          only check the configuration; exit status 0 or 2\n"
        "      --cleanup        take out of the kernel what a killed daemon left; exit status 0 or "
        "1\n"
        "      --suggest        print a configuration for this host, with reasons; exit status 0 "
        "or "
        "1\n"
        "      --import FILE    print miniupnpd's or an old upnpd's FILE in the names of today\n"
        "  -h, --help           this text\n"
        "  -V, --version        the version\n\n"
        "EXTERNAL and INTERNAL are names of network interfaces (upnpd ppp0 eth0); they win over "
        "the file.\n"
        "EXTERNAL may be auto, the one that the default route leaves by, and INTERNAL 've-*'.\n"
        "See upnpd(8) and upnpd.conf(5).\n",
        kUsage, ownInstallation().settings.string());
}

std::string versionText() {
    return fmt::format("upnpd {}\nbuilt with {}, Boost {}.{}.{}\n{}\n", UPNPD_VERSION,
                       UPNPD_LIBRARIES, BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
                       BOOST_VERSION % 100, buildPartsText());
}

}  // namespace igd
