// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that end openings, or tell the daemon to do something.
#include "host_finder.h"
#include "members.h"
#include "port_holders.h"
#include "print.h"
#include "run.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace igd::ctl {
namespace {

using Requests = std::set<std::string>;  // one request for all pinholes to an endpoint

std::string ending(const Json& opening) {
    if (textOf(opening, "kind") == "pinhole")
        return fmt::format("close {} {} {}", textOf(opening, "protocol"),
                           textOf(opening, "internal_address"),
                           numberOf(opening, "internal_port").value_or(0));
    return fmt::format("delete {} {}", textOf(opening, "protocol"),
                       numberOf(opening, "external_port").value_or(0));
}

Outcome<Requests> endingsOfId(const Daemon& daemon, std::uint64_t id) {
    const auto all = daemon.openings();
    if (!all) return tl::unexpected(all.error());
    Requests requests;
    for (const auto* const list : {&all->mappings, &all->pinholes})
        for (const Json& each : *list)
            if (numberOf(each, "id") == static_cast<std::int64_t>(id))
                requests.insert(ending(each));
    if (!requests.empty()) return requests;
    return tl::unexpected(Failure{fmt::format("there is no mapping or pinhole {}", id), kRefused});
}

Outcome<Requests> endingsOfClient(const Daemon& daemon, const std::string& client) {
    const auto addresses = addressesOf(daemon, client);
    if (!addresses) return tl::unexpected(addresses.error());
    const auto all = daemon.openings();
    if (!all) return tl::unexpected(all.error());
    Requests requests;
    for (const auto* const list : {&all->mappings, &all->pinholes})
        for (const Json& each : *list) {
            const auto address = parseIpAddress(textOf(each, "internal_address"));
            if (address && std::ranges::find(*addresses, *address) != addresses->end())
                requests.insert(ending(each));
        }
    return requests;
}

Outcome<Requests> endingsOf(const Daemon& daemon, const Delete& what) {
    if (what.id) return endingsOfId(daemon, *what.id);
    if (what.client) return endingsOfClient(daemon, *what.client);
    if (what.pinhole)
        return Requests{fmt::format("close {} {} {}", lowerName(what.pinhole->protocol),
                                    toString(what.pinhole->client), what.pinhole->port.value)};
    return Requests{
        fmt::format("delete {} {}", lowerName(what.key->protocol), what.key->externalPort.value)};
}

const char* nounOf(const Requests& requests) {
    const auto isClosing = [](const std::string& each) { return each.starts_with("close"); };
    const auto closings = std::ranges::count_if(requests, isClosing);
    if (closings == 0) return "mapping";
    return closings == std::ssize(requests) ? "pinhole" : "opening";
}

int deleted(const Session& session, std::int64_t count, const char* noun) {
    say(session.json() ? lineOf({{"ok", true}, {"schema", 1}, {"deleted", count}})
                       : fmt::format("{} {}(s) deleted\n", count, noun));
    return 0;
}

std::int64_t openingsIn(const Json& status) {
    std::int64_t count = 0;
    for (const char* const kind : {"mappings", "pinholes", "flows"})
        count += numberOf(status, kind).value_or(0);
    return count;
}

int removeAll(const Session& session, const Daemon& daemon) {
    const auto before = daemon.status();
    const auto answer = before ? daemon.ask("clear") : before;
    const auto after = answer ? daemon.status() : answer;
    if (!after) return session.failed(after.error());
    return deleted(session, openingsIn(*before) - openingsIn(*after), "opening");
}

/// Says who has the ports that a reload was refused for.
void nameHolders(Failure& refusal) {
    if (!refusal.answer.is_object() || !refusal.answer.contains("problems")) return;
    Json& problems = refusal.answer["problems"];
    addHolders(problems);
    for (const Json& problem : problems)
        if (problem.contains("holders"))
            refusal.text += fmt::format("\n{} is held by {}", toString(socketIn(problem)),
                                        problem["holders"].get<std::string>());
}

}  // namespace

int run(const Session& session, const Delete& what) {
    return session.withDaemon([&](const Daemon& daemon) {
        if (what.all) return removeAll(session, daemon);
        const auto requests = endingsOf(daemon, what);
        if (!requests) return session.failed(requests.error());
        std::int64_t count = 0;
        for (const std::string& request : *requests) {
            const auto answer = daemon.ask(request);
            if (!answer) return session.failed(answer.error());
            count += numberOf(*answer, "closed").value_or(1);
        }
        return deleted(session, count, nounOf(*requests));
    });
}

int run(const Session& session, const SetLog& log) {
    const std::string duration =
        log.duration ? fmt::format(" {}", log.duration->count()) : std::string{};
    return session.withDaemon([&](const Daemon& daemon) {
        return session.show(
            daemon.ask(fmt::format("log {}{}", *log.debugMode, duration)), [&](const Json&) {
                return fmt::format("the log of upnpd has debug_mode {} now{}\n", *log.debugMode,
                                   log.duration ? ", for" + duration + " s" : "");
            });
    });
}

int run(const Session& session, const Promote&) {
    return session.withDaemon([&](const Daemon& daemon) {
        return session.show(daemon.ask("promote"), [](const Json&) {
            return std::string{"this router is the active one\n"};
        });
    });
}

int run(const Session& session, const Demote&) {
    return session.withDaemon([&](const Daemon& daemon) {
        return session.show(daemon.ask("demote"),
                            [](const Json&) { return std::string{"this router stands by\n"}; });
    });
}

int run(const Session& session, const Sync&) {
    return session.withDaemon([&](const Daemon& daemon) {
        return session.show(daemon.ask("sync"), [](const Json&) {
            return std::string{"upnpd looks at the rules now\n"};
        });
    });
}

int run(const Session& session, const Reload&) {
    return session.withDaemon([&](const Daemon& daemon) {
        auto answer = daemon.reload();
        if (!answer) nameHolders(answer.error());
        return session.show(answer, reloadText);
    });
}

}  // namespace igd::ctl
