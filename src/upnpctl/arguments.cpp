// SPDX-License-Identifier: GPL-2.0-or-later
#include "arguments.h"

#include "filling.h"
#include "words.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace igd::ctl {
namespace {

constexpr std::string_view kHelp =
    "usage: upnpctl [-j] [-s SOCKET] [-c FILE] [COMMAND]\n\n"
    "to look:\n"
    "  status                     what the daemon does, on which interfaces (the default)\n"
    "  list [--client HOST] [--proto PROTOCOL]\n"
    "                             what is open: mappings, pinholes, flows\n"
    "  show ID                    everything about one opening\n"
    "  watch [--initial]          what happens, one line an event\n"
    "  top [-n TIMES] [--every TIME]\n"
    "                             who uses how much, every 2 s\n"
    "  config [--changed]         every key with its value, and which line says so\n"
    "  metrics [--openmetrics]    counts, in the format of Prometheus\n\n"
    "to find out:\n"
    "  check [PORT[/PROTOCOL]]    would a packet from the Internet reach each client, or that "
    "port?\n"
    "                             exit status 1 when something stops traffic\n"
    "  check --live [--wait SECONDS] PORT[/PROTOCOL]\n"
    "                             waits for a packet to that port and says where it went (root)\n"
    "  explain CLIENT PROTOCOL EXTERNAL-PORT[:INTERNAL-PORT]\n"
    "                             what would that client get, and which line or rule decides?\n"
    "  acl CLIENT PROTOCOL EXTERNAL-PORT [INTERNAL-PORT]\n"
    "                             do the lines of the configuration permit it? Exit status 0 or 1\n"
    "\nto change (root):\n"
    "  add PROTOCOL:PORT HOST[:PORT] [--for TIME] [--comment TEXT] [--dry-run]\n"
    "                             opens a port; to a host of IPv6 a pinhole\n"
    "  del ID | PROTOCOL:PORT | PROTOCOL:[CLIENT]:PORT | --client HOST | --all\n"
    "                             deletes mappings, and pinholes of IPv6\n"
    "  approve [HOST | --list]    says yes to a host that waits, or lists those\n"
    "  block HOST                 takes that back, and ends what it has open\n"
    "  page-password [--stdin]    sets the password of the router's page\n"
    "  log DEBUG_MODE [--for TIME]\n"
    "                             changes what is logged (0 to 3), for 90s, 5m or 1h\n"
    "  promote, demote            make this router of a pair the active one, or the other\n"
    "  sync                       looks at the firewall's rules now\n"
    "  reload                     reads the configuration again; a bad one changes nothing\n\n"
    "  version, help\n\n"
    "  -j, --json                 answers as JSON, for programs\n"
    "  -s, --socket SOCKET        the daemon that listens there\n"
    "  -c, --config FILE          the daemon of that configuration\n"
    "Without these two it is the daemon of this network namespace. HOST and CLIENT are an "
    "address,\n"
    "a hardware address or a name. A command may be shortened while it is the only one.\n";

struct Named {
    std::string_view name;
    Command (*make)();
};

template <class T>
Command make() {
    return T{};
}

constexpr std::array kCommands{Named{"status", make<Status>},
                               Named{"list", make<List>},
                               Named{"show", make<ShowOne>},
                               Named{"watch", make<Watch>},
                               Named{"top", make<Top>},
                               Named{"config", make<ShowConfig>},
                               Named{"metrics", make<Metrics>},
                               Named{"check", make<Check>},
                               Named{"explain", make<Explain>},
                               Named{"acl", make<Acl>},
                               Named{"add", make<Add>},
                               Named{"del", make<Delete>},
                               Named{"approve", make<Approve>},
                               Named{"block", make<Block>},
                               Named{"page-password", make<PagePassword>},
                               Named{"log", make<SetLog>},
                               Named{"promote", make<Promote>},
                               Named{"demote", make<Demote>},
                               Named{"sync", make<Sync>},
                               Named{"reload", make<Reload>},
                               Named{"version", make<Version>},
                               Named{"help", make<Help>}};
/// These are not shortened, nor offered.
constexpr std::array kMoreCommands{Named{"complete", make<Complete>},
                                   Named{"--version", make<Version>}, Named{"--help", make<Help>},
                                   Named{"-h", make<Help>}, Named{"-V", make<Version>}};

std::vector<Named> beginningWith(std::string_view word) {
    std::vector<Named> found;
    for (const Named& each : kMoreCommands)
        if (each.name == word) return {each};
    for (const Named& each : kCommands) {
        if (each.name == word) return {each};
        if (each.name.starts_with(word)) found.push_back(each);
    }
    return found;
}

std::string whyNot(std::string_view word, const std::vector<Named>& found) {
    if (found.empty() || word.empty()) return fmt::format("{} is no command", igd::quoted(word));
    std::string names;
    for (const Named& each : found)
        names += fmt::format("{}{}", names.empty() ? "" : " or ", each.name);
    return fmt::format("{} may be {}", igd::quoted(word), names);
}

/// Reads an option that every command takes. nullopt: `word` is none; false: its value is missing.
std::optional<bool> common(Arguments& arguments, std::string_view word, Words& rest) {
    if (word == "-j" || word == "--json") return arguments.json = true;
    if (word == "-s" || word == "--socket") return set(arguments.socket, rest.value());
    if (word == "-c" || word == "--config") return set(arguments.configuration, rest.value());
    return std::nullopt;
}

/// The words of an unfinished command line are not read here.
Command completing(Words& rest) {
    Complete complete;
    while (!rest.empty()) complete.words.emplace_back(rest.next());
    return complete;
}

}  // namespace

bool wantsJson(std::span<const std::string> words) {
    return std::ranges::any_of(
        words, [](const std::string& word) { return word == "-j" || word == "--json"; });
}

tl::expected<Arguments, std::string> parseArguments(std::span<const std::string> words) {
    Arguments arguments{Status{}};
    std::string_view command;
    for (Words rest{words}; !rest.empty();) {
        const std::string_view word = rest.next();
        if (const auto taken = common(arguments, word, rest)) {
            if (!*taken)
                return tl::unexpected(fmt::format("option {} needs a value", igd::quoted(word)));
            continue;
        }
        if (command.empty()) {
            const auto found = beginningWith(word);
            if (found.size() != 1 || word.empty()) return tl::unexpected(whyNot(word, found));
            command = found.front().name;
            arguments.command = command == "complete" ? completing(rest) : found.front().make();
            continue;
        }
        if (const auto complaint = fill(arguments.command, word, rest))
            return tl::unexpected(fmt::format("{}: {}", command, *complaint));
    }
    if (const auto complaint = lack(arguments.command)) return tl::unexpected(*complaint);
    return arguments;
}

std::vector<std::string_view> commandNames() {
    std::vector<std::string_view> names;
    names.reserve(kCommands.size());
    for (const Named& each : kCommands) names.push_back(each.name);
    return names;
}

std::string_view commandOf(std::string_view word) {
    const auto found = beginningWith(word);
    return found.size() == 1 ? found.front().name : std::string_view{};
}

std::string helpText() {
    return std::string{kHelp};
}

}  // namespace igd::ctl
