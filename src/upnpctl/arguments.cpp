// SPDX-License-Identifier: GPL-2.0-or-later
#include "arguments.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

namespace igd::ctl {
namespace {

constexpr std::string_view kHelp =
    "usage: upnpctl [-j] [-s SOCKET] [-c FILE] [COMMAND]\n\n"
    "  status                     what the daemon does, on which interfaces (the default)\n"
    "  list [--client ADDRESS] [--proto tcp|udp]\n"
    "                             what is open: mappings, pinholes, flows\n"
    "  check [PORT/PROTOCOL]      would a packet from the Internet reach each client, or that "
    "port?\n"
    "                             exit status 1 when something stops traffic\n"
    "  del PROTOCOL:PORT | PROTOCOL:[CLIENT]:PORT | --client ADDRESS | --all\n"
    "                             deletes mappings, and pinholes of IPv6 (root)\n"
    "  sync                       looks at the firewall's rules now (root)\n"
    "  reload                     reads the configuration again; a bad one changes nothing (root)\n"
    "  version, help\n\n"
    "  -j, --json                 answers as JSON, for programs\n"
    "  -s, --socket SOCKET        where the daemon listens\n"
    "  -c, --config FILE          the daemon's configuration\n";

using Refused = tl::unexpected<std::string>;

Refused misused(std::string_view what) {
    return Refused{fmt::format("upnpctl: {}\nTry \"upnpctl help\".\n", what)};
}

/// Reads "udp:3074" or "3074/udp".
std::optional<MappingKey> parseKey(std::string_view text) {
    const auto part = text.find_first_of(":/");
    if (part == std::string_view::npos) return std::nullopt;
    const std::string_view first = text.substr(0, part);
    const std::string_view second = text.substr(part + 1);
    const bool protocolFirst = parseProtocol(first).has_value();
    const auto protocol = parseProtocol(protocolFirst ? first : second);
    const auto port = parsePort(protocolFirst ? second : first);
    if (!protocol || !port) return std::nullopt;
    return MappingKey{*protocol, *port};
}

/// Reads ":5000", or nothing for a protocol without ports.
std::optional<Port> parseTargetPort(Protocol protocol, std::string_view text) {
    if (!hasPorts(protocol)) return text.empty() ? std::optional{Port{0}} : std::nullopt;
    return text.starts_with(':') ? parsePort(text.substr(1)) : std::nullopt;
}

/// Reads "tcp:[2001:db8::5]:5000", "[2001:db8::5]:5000/tcp" or "esp:[2001:db8::5]".
std::optional<PinholeTarget> parseTarget(std::string_view text) {
    const auto open = text.find('[');
    const auto close = text.find(']');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        return std::nullopt;
    const auto client = parseIpv6Address(text.substr(open + 1, close - open - 1));
    const std::string_view before = text.substr(0, open);
    const std::string_view behind = text.substr(close + 1);
    const auto slash = behind.find('/');
    const bool isBehind = before.empty() && slash != std::string_view::npos;
    if (!isBehind && !before.ends_with(':')) return std::nullopt;
    const auto protocol =
        parseAnyProtocol(isBehind ? behind.substr(slash + 1) : before.substr(0, open - 1));
    if (!protocol || !client) return std::nullopt;
    const auto port = parseTargetPort(*protocol, isBehind ? behind.substr(0, slash) : behind);
    return port ? std::optional{PinholeTarget{*protocol, *client, *port}} : std::nullopt;
}

std::optional<IpAddress> parseAddress(std::string_view text) {
    if (const auto four = parseIpv4Address(text)) return *four;
    if (const auto six = parseIpv6Address(text)) return *six;
    return std::nullopt;
}

/// Takes the words one by one.
class Words {
public:
    explicit Words(std::span<const std::string> words) : words_(words) {}
    [[nodiscard]] bool empty() const { return words_.empty(); }
    std::string_view next() {
        const std::string_view word = words_.front();
        words_ = words_.subspan(1);
        return word;
    }
    std::optional<std::string> value() {
        if (words_.empty()) return std::nullopt;
        return std::string{next()};
    }

private:
    std::span<const std::string> words_;
};

template <class T>
bool set(std::optional<T>& target, std::optional<T> value) {
    target = std::move(value);
    return target.has_value();
}

bool fill(List& list, std::string_view word, Words& rest) {
    const auto value = rest.value();
    if (word == "--client") return set(list.client, parseIpv4Address(value.value_or("")));
    return word == "--proto" && set(list.protocol, parseProtocol(value.value_or("")));
}

bool fill(Delete& what, std::string_view word, Words& rest) {
    if (what.key || what.pinhole || what.client || what.all) return false;
    if (word == "--all") return what.all = true;
    if (word == "--client") return set(what.client, parseAddress(rest.value().value_or("")));
    return set(what.pinhole, parseTarget(word)) || set(what.key, parseKey(word));
}

bool fill(Check& check, std::string_view word, Words&) {
    return !check.key && set(check.key, parseKey(word));
}

template <class T>
bool fill(T&, std::string_view, Words&) {
    return false;
}

std::optional<Command> commandOf(std::string_view word) {
    const std::vector<std::pair<std::string_view, Command>> commands{
        {"status", Status{}},     {"list", List{}},     {"del", Delete{}},      {"check", Check{}},
        {"sync", Sync{}},         {"reload", Reload{}}, {"version", Version{}}, {"help", Help{}},
        {"--version", Version{}}, {"--help", Help{}},   {"-h", Help{}},         {"-V", Version{}}};
    for (const auto& [name, command] : commands)
        if (name == word) return command;
    return std::nullopt;
}

/// Reads an option that every command takes. nullopt: `word` is none; false: its value is missing.
std::optional<bool> common(Arguments& arguments, std::string_view word, Words& rest) {
    if (word == "-j" || word == "--json") return arguments.json = true;
    if (word == "-s" || word == "--socket") return set(arguments.socket, rest.value());
    if (word == "-c" || word == "--config") return set(arguments.configuration, rest.value());
    return std::nullopt;
}

bool isWhole(const Command& command) {
    const auto* const what = std::get_if<Delete>(&command);
    return what == nullptr || what->key || what->pinhole || what->client || what->all;
}

}  // namespace

tl::expected<Arguments, std::string> parseArguments(std::span<const std::string> words) {
    Arguments arguments{Status{}, false, std::nullopt, std::nullopt};
    bool named = false;
    for (Words rest{words}; !rest.empty();) {
        const std::string_view word = rest.next();
        if (const auto taken = common(arguments, word, rest)) {
            if (!*taken) return misused(fmt::format("option {} needs a value", igd::quoted(word)));
            continue;
        }
        if (!std::exchange(named, true)) {
            const auto command = commandOf(word);
            if (!command) return misused(fmt::format("{} is no command", igd::quoted(word)));
            arguments.command = *command;
            continue;
        }
        if (!std::visit([&](auto& command) { return fill(command, word, rest); },
                        arguments.command))
            return misused(fmt::format("{} is not understood there", igd::quoted(word)));
    }
    if (!isWhole(arguments.command))
        return misused(
            "del: which? PROTOCOL:PORT, PROTOCOL:[CLIENT]:PORT, --client ADDRESS or --all");
    return arguments;
}

std::string helpText() {
    return std::string{kHelp};
}

}  // namespace igd::ctl
