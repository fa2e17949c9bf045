// SPDX-License-Identifier: GPL-2.0-or-later
#include "filling.h"

#include "upnpd/util/log.h"
#include "upnpd/util/parse.h"

#include <fmt/format.h>

namespace igd::ctl {
namespace {

constexpr const char* kDeletions =
    "an ID, PROTOCOL:PORT, PROTOCOL:[CLIENT]:PORT, --client HOST or --all";
constexpr const char* kHost = "an address, a hardware address or a name";
constexpr const char* kTime = "a time, as in 90s, 5m, 2h or 7d";

Complaint tooMany(std::string_view word) {
    return fmt::format("{} is one too many", igd::quoted(word));
}

template <class T>
Complaint fillOf(T&, std::string_view word, Words&) {
    return unexpected(word, "nothing more");
}

Complaint fillOf(List& list, std::string_view word, Words& rest) {
    if (word == "--client") return read(list.client, word, rest, parseHost, kHost);
    if (word == "--proto")
        return read(list.protocol, word, rest, parseAnyProtocol, "tcp, udp, gre, esp or sctp");
    return unexpected(word, "--client HOST or --proto PROTOCOL");
}

Complaint fillOf(ShowOne& show, std::string_view word, Words&) {
    if (show.id) return tooMany(word);
    return set(show.id, parseUnsigned<std::uint64_t>(word))
               ? std::nullopt
               : unexpected(word, "an ID, as list shows it");
}

bool isSet(const Delete& what) {
    return what.key || what.pinhole || what.id || what.client || what.all;
}

Complaint fillOf(Delete& what, std::string_view word, Words& rest) {
    if (isSet(what))
        return fmt::format("{} is one too many: one thing is deleted at a time", igd::quoted(word));
    if (word == "--client") return read(what.client, word, rest, parseHost, kHost);
    what.all = word == "--all";
    if (what.all || set(what.id, parseUnsigned<std::uint64_t>(word)) ||
        set(what.pinhole, parseTarget(word)) || set(what.key, parseKey(word)))
        return std::nullopt;
    return unexpected(word, kDeletions);
}

Complaint fillOption(Add& add, std::string_view word, Words& rest) {
    if (word == "--for") return read(add.lease, word, rest, parseTime, kTime);
    if (word == "--comment") {
        const auto text = [](const std::string& value) { return std::optional{value}; };
        return read(add.comment, word, rest, text, "a text");
    }
    add.dryRun = word == "--dry-run";
    if (add.dryRun) return std::nullopt;
    return unexpected(word, "--for TIME, --comment TEXT or --dry-run");
}

/// Takes "tcp:8443 nas:443", and "tcp 8443 nas:443".
Complaint fillOf(Add& add, std::string_view word, Words& rest) {
    if (word.starts_with("--")) return fillOption(add, word, rest);
    if (!add.protocol) {
        const auto key = parseKey(word);
        if (key) add.externalPort = key->externalPort;
        return set(add.protocol, key ? std::optional{key->protocol} : parseProtocol(word))
                   ? std::nullopt
                   : unexpected(word, "PROTOCOL:PORT, as in tcp:8443");
    }
    if (!add.externalPort)
        return set(add.externalPort, parsePort(word)) ? std::nullopt
                                                      : unexpected(word, "a port of 1 to 65535");
    if (add.target) return tooMany(word);
    return set(add.target, parseHostWord(word))
               ? std::nullopt
               : unexpected(word,
                            "HOST or HOST:PORT, as in nas:443, 192.168.1.5:443 or "
                            "[2001:db8::5]:443");
}

/// Reads the time that --live waits.
Complaint fillWait(Check& check, Words& rest) {
    constexpr std::uint32_t kLongest = 600;
    const auto seconds = parseUnsigned<std::uint32_t>(rest.value().value_or(""));
    if (!seconds || *seconds == 0 || *seconds > kLongest)
        return std::string{"--wait needs a number of seconds, 1 to 600"};
    check.live = std::chrono::seconds{*seconds};
    return std::nullopt;
}

/// A port alone stands for both protocols.
Complaint fillOf(Check& check, std::string_view word, Words& rest) {
    constexpr std::chrono::seconds kUsualWait{60};
    if (word == "--wait") return fillWait(check, rest);
    if (word == "--live") {
        check.live = check.live.value_or(kUsualWait);
        return std::nullopt;
    }
    if (!check.keys.empty()) return tooMany(word);
    if (const auto key = parseKey(word))
        check.keys = {*key};
    else if (const auto port = parsePort(word))
        check.keys = {{Protocol::Tcp, *port}, {Protocol::Udp, *port}};
    else
        return unexpected(word, "PORT/PROTOCOL, as in 3074/udp, or PORT for both protocols");
    return std::nullopt;
}

Complaint fillOf(SetLog& log, std::string_view word, Words& rest) {
    if (word == "--for") return read(log.duration, word, rest, parseTime, kTime);
    const auto mode = parseUnsigned<std::uint8_t>(word);
    if (log.debugMode || !mode || *mode > log::kMostTalkative)
        return unexpected(word, "one debug_mode (0, 1, 2 or 3), or --for TIME");
    log.debugMode = *mode;
    return std::nullopt;
}

/// Reads "3074" or "3075:3074".
bool readPorts(Explain& asked, std::string_view word) {
    const auto colon = word.find(':');
    asked.internalPort = parsePort(word.substr(colon == std::string_view::npos ? 0 : colon + 1));
    return set(asked.externalPort, parsePort(word.substr(0, colon))) && asked.internalPort;
}

Complaint fillOf(Explain& asked, std::string_view word, Words&) {
    if (!asked.client)
        return set(asked.client, parseHost(word)) ? std::nullopt : unexpected(word, kHost);
    if (!asked.protocol)
        return set(asked.protocol, parseProtocol(word)) ? std::nullopt
                                                        : unexpected(word, "tcp or udp");
    if (asked.externalPort) return tooMany(word);
    if (readPorts(asked, word)) return std::nullopt;
    return unexpected(word, "EXTERNAL-PORT or EXTERNAL-PORT:INTERNAL-PORT, as in 3075:3074");
}

/// Takes the internal port as a word of its own too.
Complaint fillOf(Acl& acl, std::string_view word, Words& rest) {
    Explain& asked = acl.asked;
    if (!asked.externalPort || asked.internalPort != asked.externalPort)
        return fillOf(asked, word, rest);
    return set(asked.internalPort, parsePort(word)) ? std::nullopt
                                                    : unexpected(word, "an internal port");
}

Complaint fillOf(Watch& watch, std::string_view word, Words&) {
    watch.initial = word == "--initial";
    return watch.initial ? std::nullopt : unexpected(word, "--initial");
}

Complaint fillOf(Top& top, std::string_view word, Words& rest) {
    const auto times = [](const std::string& text) {
        const auto number = parseUnsigned<std::uint32_t>(text);
        return number == 0U ? std::nullopt : number;
    };
    if (word == "-n") return read(top.times, word, rest, times, "how often, as in 1");
    if (word == "--every") return read(top.interval, word, rest, parseTime, kTime);
    return unexpected(word, "-n TIMES or --every TIME");
}

Complaint fillOf(ShowConfig& config, std::string_view word, Words&) {
    config.changed = word == "--changed";
    return config.changed ? std::nullopt : unexpected(word, "--changed");
}

Complaint fillOf(Metrics& metrics, std::string_view word, Words&) {
    metrics.openMetrics = word == "--openmetrics";
    return metrics.openMetrics ? std::nullopt : unexpected(word, "--openmetrics");
}

Complaint fillOf(Approve& approve, std::string_view word, Words&) {
    if (approve.host) return tooMany(word);
    if (word == "--list") return std::nullopt;
    return set(approve.host, parseHost(word)) ? std::nullopt : unexpected(word, kHost);
}

Complaint fillOf(Block& block, std::string_view word, Words&) {
    if (block.host) return tooMany(word);
    return set(block.host, parseHost(word)) ? std::nullopt : unexpected(word, kHost);
}

Complaint fillOf(PagePassword& password, std::string_view word, Words&) {
    password.fromInput = word == "--stdin";
    return password.fromInput ? std::nullopt : unexpected(word, "--stdin");
}

template <class T>
Complaint lackOf(const T&) {
    return std::nullopt;
}

Complaint lackOf(const ShowOne& show) {
    return show.id ? std::nullopt : Complaint{"show: which? Expected an ID, as list shows it"};
}

Complaint lackOf(const Delete& what) {
    return isSet(what) ? std::nullopt
                       : Complaint{fmt::format("del: which? Expected {}", kDeletions)};
}

Complaint lackOf(const Add& add) {
    if (add.target && (add.target->port || add.externalPort)) return std::nullopt;
    return "add: what? Expected PROTOCOL:PORT HOST[:PORT], as in tcp:8443 nas:443";
}

Complaint lackOf(const Check& check) {
    if (!check.live || !check.keys.empty()) return std::nullopt;
    return "check --live: which port? Expected PORT/PROTOCOL or PORT";
}

Complaint lackOf(const Explain& asked) {
    if (asked.externalPort) return std::nullopt;
    return "explain: what? Expected CLIENT PROTOCOL EXTERNAL-PORT[:INTERNAL-PORT]";
}

Complaint lackOf(const Acl& acl) {
    if (acl.asked.externalPort) return std::nullopt;
    return "acl: what? Expected CLIENT PROTOCOL EXTERNAL-PORT [INTERNAL-PORT]";
}

Complaint lackOf(const Block& block) {
    return block.host ? std::nullopt : Complaint{fmt::format("block: whom? Expected {}", kHost)};
}

Complaint lackOf(const SetLog& log) {
    if (log.debugMode) return std::nullopt;
    return "log: which debug_mode? Expected 0, 1, 2 or 3";
}

}  // namespace

Complaint fill(Command& command, std::string_view word, Words& rest) {
    return std::visit([&](auto& known) { return fillOf(known, word, rest); }, command);
}

Complaint lack(const Command& command) {
    return std::visit([](const auto& known) { return lackOf(known); }, command);
}

}  // namespace igd::ctl
