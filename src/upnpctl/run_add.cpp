// SPDX-License-Identifier: GPL-2.0-or-later
// `add`: opens a port for the administrator, or says what would come of it.
#include "host_finder.h"
#include "members.h"
#include "openings_text.h"
#include "run.h"
#include "units.h"

#include "upnpd/admin/server.h"
#include "upnpd/net/ip_endpoint.h"

#include <fmt/format.h>

namespace igd::ctl {
namespace {

/// The opening that is asked for, with the host found.
struct Wanted {
    Protocol protocol{};
    Port externalPort;
    IpEndpoint internal;
    const Add& add;

    [[nodiscard]] bool isPinhole() const {
        return std::holds_alternative<Ipv6Address>(internal.address);
    }
    [[nodiscard]] std::string words(Port external) const {
        return fmt::format("{} {} {} {}", lowerName(protocol), external.value,
                           toString(internal.address), internal.port.value);
    }
    [[nodiscard]] std::string request() const {
        if (add.dryRun) return "outlook " + words(externalPort);
        return fmt::format("add {} {} {}", words(externalPort),
                           add.lease.value_or(Seconds{0}).count(), add.comment.value_or(""));
    }
};

Outcome<Wanted> wantedBy(const Daemon& daemon, const Add& add) {
    const auto address = addressOf(daemon, add.target->host);
    if (!address) return tl::unexpected(address.error());
    const Wanted wanted{*add.protocol,
                        *add.externalPort,
                        {*address, add.target->port.value_or(*add.externalPort)},
                        add};
    if (wanted.isPinhole() && wanted.internal.port != wanted.externalPort)
        return tl::unexpected(
            Failure{fmt::format("nothing is translated over IPv6: port {} cannot lead to port {}",
                                wanted.externalPort.value, wanted.internal.port.value),
                    kMisused});
    if (wanted.request().size() > kMaxControlRequest ||
        add.comment.value_or("").size() > kMaxDescription)
        return tl::unexpected(Failure{
            fmt::format("the comment is too long: at most {} octets", kMaxDescription), kMisused});
    return wanted;
}

/// Returns the port above that could be had; nullopt: none of the next ones.
std::optional<Port> freePort(const Daemon& daemon, const Wanted& wanted) {
    constexpr int kTries = 64;
    for (int port = wanted.externalPort.value + 1;
         port <= 65535 && port <= wanted.externalPort.value + kTries; ++port) {
        const Port next{static_cast<std::uint16_t>(port)};
        if (daemon.ask("outlook " + wanted.words(next))) return next;
    }
    return std::nullopt;
}

/// Returns the mapping that has that port; null: none has.
Json holderOf(const Daemon& daemon, const Wanted& wanted) {
    const auto mappings = daemon.mappings();
    if (!mappings) return {};
    for (const Json& each : *mappings) {
        const auto first = numberOf(each, "external_port").value_or(0);
        const auto distance = wanted.externalPort.value - first;
        if (textOf(each, "protocol") == lowerName(wanted.protocol) && distance >= 0 &&
            distance < numberOf(each, "ports").value_or(1))
            return each;
    }
    return {};
}

/// Says who has the port, and which one is free.
Failure refusalOf(const Daemon& daemon, const Wanted& wanted, Failure refusal) {
    const std::string error = textOf(refusal.answer, "error");
    if (error != "conflict" && error != "port-in-use") return refusal;
    const Json holder = error == "conflict" ? holderOf(daemon, wanted) : Json{};
    if (!holder.is_null()) {
        const auto id = numberOf(holder, "id");
        refusal.text = fmt::format("refused: {} {} belongs to {}{}", lowerName(wanted.protocol),
                                   wanted.externalPort.value, clientText(holder),
                                   id ? fmt::format(", id {}", *id) : "");
        refusal.answer["holder"] = holder;
    } else {
        refusal.text = fmt::format("refused: {} {}: {}", lowerName(wanted.protocol),
                                   wanted.externalPort.value, refusal.text);
    }
    if (const auto port = freePort(daemon, wanted)) {
        refusal.text += fmt::format(". Free: {}", port->value);
        refusal.answer["free_port"] = port->value;
    }
    refusal.answer["text"] = refusal.text;
    return refusal;
}

Json expected(const Wanted& wanted) {
    Json opening{{"kind", wanted.isPinhole() ? "pinhole" : "mapping"},
                 {"protocol", lowerName(wanted.protocol)},
                 {"internal_address", toString(wanted.internal.address)},
                 {"internal_port", wanted.internal.port.value},
                 {"lease", wanted.add.lease.value_or(Seconds{0}).count()},
                 {"via", "admin"},
                 {"description", wanted.add.comment.value_or("")}};
    if (!wanted.isPinhole()) opening["external_port"] = wanted.externalPort.value;
    return opening;
}

/// Returns the opening as the daemon lists it now.
Json made(const Daemon& daemon, const Wanted& wanted) {
    if (!wanted.isPinhole()) {
        Json mapping = holderOf(daemon, wanted);
        return mapping.is_null() ? expected(wanted) : mapping;
    }
    const auto pinholes = daemon.pinholes();
    for (const Json& each : pinholes ? *pinholes : std::vector<Json>{})
        if (textOf(each, "via") == "admin" &&
            textOf(each, "protocol") == lowerName(wanted.protocol) &&
            textOf(each, "internal_address") == toString(wanted.internal.address) &&
            numberOf(each, "internal_port") == wanted.internal.port.value)
            return each;
    return expected(wanted);
}

/// "7  192.168.50.10:443 <- 80.100.100.1:8443 tcp, 2h 00m".
std::string addedText(const Daemon& daemon, const Wanted& wanted, const Json& opening) {
    const auto id = numberOf(opening, "id");
    const auto status = daemon.status();
    const std::string outside =
        textOf(objectOf(status ? *status : Json(), "external"), "told", "no address yet");
    return fmt::format(
        "{}{}{} <- {} {}, {}\n", wanted.add.dryRun ? "would be granted: " : "",
        id ? fmt::format("{}  ", *id) : "", toString(wanted.internal),
        wanted.isPinhole() ? "any" : fmt::format("{}:{}", outside, wanted.externalPort.value),
        lowerName(wanted.protocol), leaseText(wanted.add.lease.value_or(Seconds{0}).count()));
}

}  // namespace

int run(const Session& session, const Add& add) {
    return session.withDaemon([&](const Daemon& daemon) {
        const auto wanted = wantedBy(daemon, add);
        if (!wanted) return session.failed(wanted.error());
        const auto answer = daemon.ask(wanted->request());
        if (!answer) return session.failed(refusalOf(daemon, *wanted, answer.error()));
        const Json opening = add.dryRun ? expected(*wanted) : made(daemon, *wanted);
        say(session.json()
                ? lineOf(
                      {{"ok", true}, {"schema", 1}, {"dry_run", add.dryRun}, {"opening", opening}})
                : addedText(daemon, *wanted, opening));
        return 0;
    });
}

}  // namespace igd::ctl
