// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that look at what is there.
#include "host_finder.h"
#include "members.h"
#include "openings_text.h"
#include "port_holders.h"
#include "print.h"
#include "run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace igd::ctl {
namespace {

using Addresses = std::vector<IpAddress>;

/// Leaves those of `openings` that `list` asks for; `clients` are the addresses that it names.
void leaveOnly(const List& list, const Addresses& clients, std::vector<Json>& openings) {
    const auto isOther = [&](const Json& opening) {
        const auto client = parseIpAddress(textOf(opening, "internal_address"));
        const bool isClients =
            !list.client || (client && std::ranges::find(clients, *client) != clients.end());
        return !isClients ||
               (list.protocol && textOf(opening, "protocol") != lowerName(*list.protocol));
    };
    std::erase_if(openings, isOther);
}

Outcome<AllOpenings> listed(const Daemon& daemon, const List& list) {
    const auto clients =
        list.client ? addressesOf(daemon, *list.client) : Outcome<Addresses>{Addresses{}};
    if (!clients) return tl::unexpected(clients.error());
    auto all = daemon.openings();
    if (!all) return all;
    for (auto* const each : {&all->mappings, &all->pinholes, &all->flows})
        leaveOnly(list, *clients, *each);
    return all;
}

/// Asks about a client by one of its addresses.
Outcome<Json> explained(const Daemon& daemon, const Explain& asked) {
    const auto client = addressOf(daemon, *asked.client);
    if (!client) return tl::unexpected(client.error());
    return daemon.ask(fmt::format("explain {} {} {} {}", toString(*client),
                                  lowerName(*asked.protocol), asked.externalPort->value,
                                  asked.internalPort->value));
}

/// Returns the opening with that id.
Outcome<Json> opening(const Daemon& daemon, std::uint64_t id) {
    const auto all = daemon.openings();
    if (!all) return tl::unexpected(all.error());
    for (const auto* const list : {&all->mappings, &all->pinholes, &all->flows})
        for (const Json& each : *list)
            if (numberOf(each, "id") == static_cast<std::int64_t>(id))
                return Json{{"ok", true}, {"schema", 1}, {"opening", each}};
    return tl::unexpected(Failure{fmt::format("there is no opening {}", id), kRefused,
                                  Json{{"ok", false},
                                       {"schema", 1},
                                       {"error", "not-found"},
                                       {"text", fmt::format("there is no opening {}", id)}}});
}

}  // namespace

int run(const Session& session, const Status&) {
    return session.withDaemon([&](const Daemon& daemon) {
        auto status = daemon.status();
        if (status && status->contains("internal"))
            for (Json& lan : (*status)["internal"])
                if (lan.contains("problems")) addHolders(lan["problems"]);
        return session.show(status, statusText);
    });
}

int run(const Session& session, const List& list) {
    return session.withDaemon([&](const Daemon& daemon) {
        const auto all = listed(daemon, list);
        if (!all) return session.failed(all.error());
        const auto& [mappings, pinholes, flows] = *all;
        const Screen& screen = session.screen();
        say(session.json() ? lineOf({{"ok", true},
                                     {"schema", 1},
                                     {"mappings", mappings},
                                     {"pinholes", pinholes},
                                     {"flows", flows}})
                           : listText(mappings, screen) + pinholesText(pinholes, screen) +
                                 flowsText(flows, screen));
        return 0;
    });
}

int run(const Session& session, const ShowOne& show) {
    return session.withDaemon([&](const Daemon& daemon) {
        return session.show(opening(daemon, *show.id), [&](const Json& answer) {
            return openingText(answer["opening"], session.screen());
        });
    });
}

int run(const Session& session, const Explain& asked) {
    return session.withDaemon([&](const Daemon& daemon) {
        const auto answer = explained(daemon, asked);
        const int shown = session.show(answer, [&](const Json& explanation) {
            return explanationText(explanation, session.screen());
        });
        return answer && !isGrantedByAll(*answer) ? kRefused : shown;
    });
}

int run(const Session& session, const Acl& acl) {
    return session.withDaemon([&](const Daemon& daemon) {
        const auto answer = explained(daemon, acl.asked);
        const int shown = session.show(answer, aclText);
        return answer && !isPermitted(*answer) ? kRefused : shown;
    });
}

int run(const Session& session, const Metrics& metrics) {
    return session.withDaemon([&](const Daemon& daemon) {
        std::string text;
        for (std::optional<std::int64_t> from = 0; from;) {
            const auto page = daemon.ask(
                fmt::format("metrics {}{}", *from, metrics.openMetrics ? " openmetrics" : ""));
            if (!page) return session.failed(page.error());
            text += textOf(*page, "text");
            from = numberOf(*page, "next");
        }
        say(session.json() ? lineOf({{"ok", true}, {"schema", 1}, {"text", text}}) : text);
        return 0;
    });
}

int run(const Session& session, const Version&) {
    say(session.json() ? lineOf({{"ok", true}, {"schema", 1}, {"version", UPNPD_VERSION}})
                       : "upnpctl " UPNPD_VERSION "\n");
    return 0;
}

int run(const Session& session, const Help&) {
    say(session.json() ? lineOf({{"ok", true}, {"schema", 1}, {"text", helpText()}}) : helpText());
    return 0;
}

}  // namespace igd::ctl
