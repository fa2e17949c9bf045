// SPDX-License-Identifier: GPL-2.0-or-later
// The loader puts the configuration together from command line, file, environment and shell-style
// files, and checks the whole.
#include "shell_style.h"

#include "upnpd/config/settings.h"
#include "upnpd/util/text.h"
#include "upnpd/util/unique_fd.h"

#include <fmt/format.h>
#include <tl/expected.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace igd {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;
constexpr std::string_view kCommandLine = "command line";

std::string messageOf(int error) {
    return std::system_category().message(error);
}

struct Unreadable {
    bool missing = false;
    std::string reason;
};

using FileText = tl::expected<std::string, Unreadable>;

FileText readAll(int fd) {
    std::string text;
    std::array<char, 65536> buffer{};
    while (text.size() <= kLargestFile) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got == 0) return text;
        if (got > 0)
            text.append(buffer.data(), static_cast<std::size_t>(got));
        else if (errno != EINTR)
            return tl::unexpected(
                Unreadable{false, fmt::format("cannot be read: {}", messageOf(errno))});
    }
    return tl::unexpected(Unreadable{false, fmt::format("has more than {} bytes", kLargestFile)});
}

/// Reads a file; with O_NONBLOCK, because a FIFO in its place must not hold up the start.
FileText readFile(const std::string& path) {
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!fd) return tl::unexpected(Unreadable{errno == ENOENT, messageOf(errno)});
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return tl::unexpected(Unreadable{false, messageOf(errno)});
    if (!S_ISREG(status.st_mode)) return tl::unexpected(Unreadable{false, "is not a regular file"});
    return readAll(fd.get());
}

void complain(ParsedConfiguration& parsed, const std::string& file, std::size_t line,
              std::string text) {
    parsed.diagnostics.push_back({file, line, Severity::Error, std::move(text)});
}

ParsedConfiguration readConfigurationFile(const Options& options,
                                          const Surroundings& surroundings) {
    const std::string& path = options.configurationFile.value_or(surroundings.configurationFile);
    const auto text = readFile(path);
    if (text) return parseConfiguration(*text, path);
    ParsedConfiguration parsed;
    if (options.configurationFile || !text.error().missing)
        complain(parsed, path, 0, text.error().reason);
    return parsed;
}

bool interfacesMissing(const ParsedConfiguration& parsed) {
    return !parsed.external || parsed.internal.empty();
}

/// Reads the places from which init scripts once took their variables.
void askSurroundings(const Surroundings& surroundings, ParsedConfiguration& parsed) {
    readEnvironment(surroundings, parsed);
    for (const auto& file : surroundings.shellStyleFiles) {
        if (!interfacesMissing(parsed)) return;
        const auto text = readFile(file);
        if (text)
            readShellStyle(*text, file, parsed);
        else if (!text.error().missing)
            parsed.diagnostics.push_back({file, 0, Severity::Warning, text.error().reason});
    }
}

void applyOptions(const Options& options, ParsedConfiguration& parsed) {
    if (options.pidFile) parsed.settings.pidFile = *options.pidFile;
    if (!options.external) return;
    parsed.external = NamedInterface{*options.external, std::string{kCommandLine}, 0};
    parsed.internal.clear();
    for (const auto& name : options.internal)
        parsed.internal.push_back({name, std::string{kCommandLine}, 0});
}

/// Checks that there are two sides, that they differ, and that no interface is served twice.
void checkInterfaces(const std::string& file, ParsedConfiguration& parsed) {
    if (!parsed.external)
        complain(parsed, file, 0,
                 "no external interface: expected \"external_interface = NAME\" (the one to the "
                 "Internet), or \"upnpd EXTERNAL INTERNAL\"");
    if (parsed.internal.empty())
        complain(parsed, file, 0,
                 "no internal interface: expected \"internal_interface = NAME\" (the one to the "
                 "clients), or \"upnpd EXTERNAL INTERNAL\"");
    for (const auto& internal : parsed.internal)
        if (parsed.external && internal.name == parsed.external->name)
            complain(
                parsed, internal.file, internal.line,
                fmt::format(
                    "internal interface {} is also the external one: mappings would be open to the "
                    "Internet to make",
                    igd::quoted(internal.name.text())));
}

std::vector<InterfaceName> distinctNames(ParsedConfiguration& parsed) {
    std::vector<InterfaceName> names;
    for (const auto& internal : parsed.internal) {
        if (std::ranges::find(names, internal.name) == names.end())
            names.push_back(internal.name);
        else
            parsed.diagnostics.push_back(
                {internal.file, internal.line, Severity::Notice,
                 fmt::format("internal interface {} is named twice", internal.name.text())});
    }
    return names;
}

}  // namespace

Surroundings Surroundings::ofThisProcess() {
    Surroundings result{UPNPD_CONFIGURATION,
                        {"/etc/default/upnpd", "/etc/default/linux-igd", "/etc/sysconfig/upnpd",
                         "/etc/conf.d/upnpd"},
                        {}};
    for (char** entry = ::environ; entry && *entry; ++entry) {
        const std::string_view text{*entry};
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            result.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return result;
}

LoadedConfiguration loadConfiguration(const Options& options, const Surroundings& surroundings) {
    ParsedConfiguration parsed = readConfigurationFile(options, surroundings);
    applyOptions(options, parsed);
    // After an error in the file the line of the missing interface may well be the faulty one.
    if (parsed.ok() && interfacesMissing(parsed)) askSurroundings(surroundings, parsed);
    checkInterfaces(options.configurationFile.value_or(surroundings.configurationFile), parsed);
    auto internal = distinctNames(parsed);
    LoadedConfiguration loaded{std::nullopt, std::move(parsed.diagnostics)};
    if (!hasErrors(loaded.diagnostics))
        loaded.configuration.emplace(
            Configuration{std::move(parsed.settings), parsed.external->name, std::move(internal)});
    return loaded;
}

}  // namespace igd
