// SPDX-License-Identifier: GPL-2.0-or-later
// The loader puts the configuration together from command line, file, environment and shell-style
// files, and checks the whole.
#include "file_checks.h"
#include "keys.h"
#include "shell_style.h"
#include "text_file.h"

#include "upnpd/config/host_checks.h"
#include "upnpd/config/interface_finder.h"
#include "upnpd/config/settings.h"
#include "upnpd/config/values_in_force.h"
#include "upnpd/system/installation.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <system_error>
#include <tuple>

#include <unistd.h>

namespace igd {
namespace {

constexpr std::string_view kCommandLine = "command line";

void complain(ParsedConfiguration& parsed, const std::string& file, std::size_t line,
              std::string text) {
    parsed.diagnostics.push_back({file, line, Severity::Error, std::move(text)});
}

bool internalMissing(const ParsedConfiguration& parsed) {
    return parsed.internal.empty() && parsed.networks.empty() && parsed.patterns.empty();
}

bool interfacesMissing(const ParsedConfiguration& parsed) {
    return !parsed.external || internalMissing(parsed);
}

/// Reads the places from which init scripts once took their variables.
void askSurroundings(const Surroundings& surroundings, ParsedConfiguration& parsed) {
    readEnvironment(surroundings, parsed);
    for (const auto& file : surroundings.shellStyleFiles) {
        if (!interfacesMissing(parsed)) return;
        const auto text = readTextFile(file);
        if (text)
            readShellStyle(*text, file, parsed);
        else if (!text.error().missing)
            parsed.diagnostics.push_back({file, 0, Severity::Warning, text.error().reason});
    }
}

void applyOptions(const Options& options, ParsedConfiguration& parsed) {
    if (options.pidFile) {
        parsed.settings.pidFile = *options.pidFile;
        std::erase_if(parsed.assigned,
                      [](const AssignedValue& each) { return each.key == "pid_file"; });
        parsed.assigned.push_back({"pid_file", *options.pidFile, std::string{kCommandLine}});
    }
    if (!options.external) return;
    parsed.external = NamedUplink{*options.external, std::string{kCommandLine}, 0};
    parsed.internal.clear();
    parsed.networks.clear();
    parsed.patterns.clear();
    for (const auto& name : options.internal)
        parsed.internal.push_back({name, std::string{kCommandLine}, 0});
    for (const auto& pattern : options.internalPatterns)
        parsed.patterns.push_back({pattern, std::string{kCommandLine}, 0});
}

/// Checks that there are two sides. A line that could not be read may be the one that names them.
void checkSides(const std::string& file, ParsedConfiguration& parsed) {
    if (!parsed.ok()) return;
    if (!parsed.external)
        complain(parsed, file, 0,
                 "no external interface: expected \"external_interface = NAME\" (the one to the "
                 "Internet, or auto), or \"upnpd EXTERNAL INTERNAL\"; upnpd --suggest proposes "
                 "one");
    if (internalMissing(parsed))
        complain(parsed, file, 0,
                 "no internal interface: expected \"internal_interface = NAME\" (the one to the "
                 "clients), or \"upnpd EXTERNAL INTERNAL\"; upnpd --suggest proposes one");
}

/// Checks that each external interface has a mark of its own where all are in use at once.
void checkUplinkMarks(const std::string& file, ParsedConfiguration& parsed) {
    if (!parsed.external || parsed.settings.uplinkUse != UplinkUse::All) return;
    const std::size_t count = parsed.external->uplink.names.size();
    if (count < 2 || uplinkMark(parsed.settings.markBits, count - 1) != 0) return;
    const auto line = parsed.lines.find("uplinks");
    complain(parsed, file, line == parsed.lines.end() ? 0 : line->second,
             fmt::format("uplinks = all: mark_bits has no room for {} interfaces: expected bits "
                         "side by side that nobody else uses, as in mark_bits = 0x00ff0000",
                         count));
}

/// Checks that no interface is on both sides.
void checkBothSides(ParsedConfiguration& parsed) {
    const auto isOutside = [](const std::optional<NamedUplink>& side, const InterfaceName& name) {
        return side && side->uplink.has(name);
    };
    for (const auto& internal : parsed.internal)
        if (isOutside(parsed.external, internal.name) || isOutside(parsed.external6, internal.name))
            complain(
                parsed, internal.file, internal.line,
                fmt::format(
                    "internal interface {} is also the external one: mappings would be open to the "
                    "Internet to make",
                    igd::quoted(internal.name.text())));
}

/// Looks at the host, with `file` for what is about no line. A file with errors says too little.
HostFacts askHost(const Surroundings& surroundings, const std::string& file,
                  ParsedConfiguration& parsed) {
    if (!surroundings.host || !parsed.ok()) return {};
    try {
        HostFacts host = surroundings.host();
        findInterfaces(host, parsed);
        checkAgainst(host, parsed);
        return host;
    } catch (const std::system_error& error) {
        parsed.diagnostics.push_back(
            {file, 0, Severity::Warning,
             fmt::format("the interfaces of this host cannot be looked at: {}", error.what())});
    }
    return {};
}

std::vector<Ipv4Prefix> networksOf(const ParsedConfiguration& parsed) {
    std::vector<Ipv4Prefix> networks;
    for (const NamedNetwork& each : parsed.networks) networks.push_back(each.network);
    return networks;
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

/// Returns what was set, the interfaces first.
std::vector<AssignedValue> assignedIn(const ParsedConfiguration& parsed) {
    std::vector<AssignedValue> assigned;
    const auto add = [&](std::string_view key, std::string value, const auto& from) {
        assigned.push_back({std::string{key}, std::move(value), placeOf(from.file, from.line)});
    };
    const auto addUplink = [&](std::string_view key, const std::optional<NamedUplink>& side) {
        if (side) add(key, toString(side->uplink), *side);
    };
    addUplink(kExternalInterfaceKey, parsed.external);
    addUplink(kExternalInterface6Key, parsed.external6);
    for (const auto& each : parsed.internal) add(kInternalInterfaceKey, each.name.text(), each);
    for (const auto& each : parsed.patterns) add(kInternalInterfaceKey, each.pattern.text(), each);
    for (const auto& each : parsed.networks)
        add(kInternalInterfaceKey, toString(each.network), each);
    std::ranges::copy(parsed.assigned, std::back_inserter(assigned));
    return assigned;
}

/// Returns the whole, with the interfaces that `host` has for it.
Configuration complete(ParsedConfiguration parsed, std::vector<InterfaceName> internal,
                       const HostFacts& host) {
    auto assigned = assignedIn(parsed);
    const Uplink external = parsed.external->uplink;
    Configuration configuration{std::move(parsed.settings),
                                external.isAuto() ? InterfaceName::none() : external.names.front(),
                                std::move(internal),
                                networksOf(parsed),
                                std::move(parsed.file),
                                std::move(assigned)};
    configuration.external = external;
    if (parsed.external6) configuration.external6 = parsed.external6->uplink;
    for (const NamedPattern& each : parsed.patterns)
        configuration.internalPatterns.push_back(each.pattern);
    (void)InterfaceFinder{}.find(configuration, host, Clock::now());
    return configuration;
}

}  // namespace

Surroundings Surroundings::ofThisProcess() {
    const auto& settings = ownInstallation().settings;
    Surroundings result{(settings / "linuxigd/upnpd.conf").string(),
                        {(settings / "default/upnpd").string(), "/etc/default/linux-igd",
                         "/etc/sysconfig/upnpd", "/etc/conf.d/upnpd"},
                        {},
                        readHostFacts};
    for (char** entry = ::environ; entry && *entry; ++entry) {
        const std::string_view text{*entry};
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            result.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return result;
}

ParsedConfiguration readConfigurationFile(const Options& options,
                                          const Surroundings& surroundings) {
    const std::string path = options.configurationFile.value_or(surroundings.configurationFile);
    const auto text = readTextFile(path);
    ParsedConfiguration parsed;
    if (text) {
        parsed = parseConfiguration(*text, path);
        parsed.file = path;
    } else if (options.configurationFile || !text.error().missing) {
        complain(parsed, path, 0, text.error().reason);
    }
    return parsed;
}

LoadedConfiguration loadConfiguration(const Options& options, const Surroundings& surroundings) {
    ParsedConfiguration parsed = readConfigurationFile(options, surroundings);
    applyOptions(options, parsed);
    // After an error in the file the line of the missing interface may well be the faulty one.
    if (parsed.ok() && interfacesMissing(parsed)) askSurroundings(surroundings, parsed);
    const auto& file = options.configurationFile.value_or(surroundings.configurationFile);
    checkSides(file, parsed);
    const HostFacts host = askHost(surroundings, file, parsed);
    if (parsed.ok()) checkAccountAndFiles(file, parsed);
    checkBothSides(parsed);
    checkUplinkMarks(file, parsed);
    auto internal = distinctNames(parsed);
    std::ranges::stable_sort(parsed.diagnostics, {},
                             [](const Diagnostic& each) { return std::tie(each.file, each.line); });
    LoadedConfiguration loaded{std::nullopt, std::move(parsed.diagnostics)};
    if (!hasErrors(loaded.diagnostics))
        loaded.configuration.emplace(complete(std::move(parsed), std::move(internal), host));
    return loaded;
}

}  // namespace igd
