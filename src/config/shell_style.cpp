// SPDX-License-Identifier: GPL-2.0-or-later
#include "shell_style.h"

#include "interface_value.h"
#include "line.h"
#include "values.h"

#include "upnpd/config/values_in_force.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace igd {
namespace {

enum class Meaning { External, Internal, User, NoEffect };

struct Variable {
    std::string_view name;
    Meaning meaning;
    std::string_view reason{};  ///< of NoEffect
};

constexpr Variable kVariables[] = {
    {"OUTERFACE", Meaning::External},
    {"EXTIFACE", Meaning::External},
    {"EXT_IFACE", Meaning::External},
    {"EXTERNAL_INTERFACE", Meaning::External},
    {"INTERFACE", Meaning::Internal},
    {"INTIFACE", Meaning::Internal},
    {"INT_IFACE", Meaning::Internal},
    {"INTERNAL_INTERFACE", Meaning::Internal},
    {"UPNPD_USER", Meaning::User},
    {"UPNPD_GROUP", Meaning::NoEffect, "the groups are those of the user"},
    {"CHROOT_DIR", Meaning::NoEffect, "upnpd gives up its rights instead"},
    {"ALLOW_MULTICAST", Meaning::NoEffect, "no multicast route is needed any more"},
};

struct Assignment {
    std::string_view name;
    std::string_view value;
};

/// Reads NAME=VALUE with an upper-case name; `export` may stand before it.
std::optional<Assignment> parseAssignment(std::string_view line) {
    line = trimmed(line);
    if (line.starts_with("export ")) line = trimmed(line.substr(7));
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) return std::nullopt;
    const auto name = line.substr(0, equals);
    const auto value = line.substr(equals + 1);
    const auto allowed = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (!std::ranges::all_of(name, allowed) || value.starts_with(' ') || value.starts_with('\t'))
        return std::nullopt;
    return Assignment{name, value};
}

const Variable* findVariable(std::string_view name) {
    const auto* const found = std::ranges::find(kVariables, name, &Variable::name);
    return found == std::end(kVariables) ? nullptr : found;
}

std::vector<std::string_view> linesOf(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// A Reader knows the place of a value, and what was set before this source was read.
class Reader {
public:
    Reader(std::string_view file, ParsedConfiguration& into)
        : file_(file),
          into_(into),
          wantsExternal_(!into.external),
          wantsInternal_(into.internal.empty() && into.networks.empty()) {}

    void take(const Variable& variable, std::string_view value, std::size_t line) {
        switch (variable.meaning) {
            case Meaning::External:
                return takeExternal(variable, value, line);
            case Meaning::Internal:
                return takeInternal(variable, value, line);
            case Meaning::User:
                return takeUser(variable, value, line);
            case Meaning::NoEffect:
                say(Severity::Notice, line,
                    fmt::format("{} has no effect: {}", variable.name, variable.reason));
                return;
        }
    }
    void say(Severity severity, std::size_t line, std::string text) {
        into_.diagnostics.push_back({std::string{file_}, line, severity, std::move(text)});
    }

private:
    std::optional<InterfaceName> name(const Variable& variable, std::string_view text,
                                      std::size_t line) {
        const auto result = readInterface(text);
        if (result) return *result;
        complain(variable, text, result.error(), line);
        return std::nullopt;
    }
    void complain(const Variable& variable, std::string_view text, std::string_view why,
                  std::size_t line) {
        say(Severity::Error, line, fmt::format("{}={}: {}", variable.name, igd::quoted(text), why));
    }
    void takeExternal(const Variable& variable, std::string_view value, std::size_t line) {
        if (!wantsExternal_ || value.empty()) return;
        if (const auto uplink = readUplink(value))
            into_.external = NamedUplink{*uplink, std::string{file_}, line};
        else
            complain(variable, value, uplink.error(), line);
    }
    void takeInternal(const Variable& variable, std::string_view value, std::size_t line) {
        if (!wantsInternal_) return;
        for (const auto word : words(value))
            if (const auto interface = name(variable, word, line))
                into_.internal.push_back({*interface, std::string{file_}, line});
    }
    /// Takes USER or USER:GROUP.
    void takeUser(const Variable& variable, std::string_view value, std::size_t line) {
        if (value.empty() || into_.settings.user != Settings{}.user) return;
        if (const auto user = parseUserName(value.substr(0, value.find(':')))) {
            into_.settings.user = *user;
            into_.assigned.push_back({"user", *user, placeOf(std::string{file_}, line)});
        } else {
            say(Severity::Error, line,
                fmt::format("{}={}: expected the name of a user", variable.name,
                            igd::quoted(value)));
        }
    }

    std::string_view file_;
    ParsedConfiguration& into_;
    bool wantsExternal_;
    bool wantsInternal_;
};

}  // namespace

bool looksShellStyle(std::string_view text) {
    bool namesInterface = false;
    for (const auto line : linesOf(text)) {
        if (isBlank(line)) continue;
        const auto assignment = parseAssignment(line);
        if (!assignment) return false;
        const auto* const variable = findVariable(assignment->name);
        namesInterface |= variable && variable->meaning != Meaning::NoEffect;
    }
    return namesInterface;
}

void readShellStyle(std::string_view text, std::string_view fileName, ParsedConfiguration& into) {
    Reader reader{fileName, into};
    std::size_t number = 0;
    for (const auto line : linesOf(text)) {
        ++number;
        const auto assignment = isBlank(line) ? std::nullopt : parseAssignment(line);
        const auto* const variable = assignment ? findVariable(assignment->name) : nullptr;
        if (!variable) continue;
        if (const auto value = readValue(assignment->value))
            reader.take(*variable, *value, number);
        else
            reader.say(Severity::Error, number,
                       fmt::format("{}: {}", variable->name, value.error()));
    }
}

void readEnvironment(const Surroundings& surroundings, ParsedConfiguration& into) {
    Reader reader{"environment", into};
    for (const auto& variable : kVariables) {
        // OpenWrt's hotplug scripts have these for every program, with another meaning.
        if (variable.name == "INTERFACE" || variable.name == "OUTERFACE") continue;
        const auto found = surroundings.environment.find(variable.name);
        if (found != surroundings.environment.end())
            reader.take(variable, trimmed(found->second), 0);
    }
}

}  // namespace igd
