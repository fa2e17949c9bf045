// SPDX-License-Identifier: GPL-2.0-or-later
// upnpctl asks and tells the running daemon; `check` judges the host, also without a daemon.
#include "arguments.h"
#include "check.h"
#include "daemon.h"
#include "port_holders.h"
#include "print.h"

#include "upnpd/config/control_settings.h"
#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <set>
#include <string>
#include <vector>

namespace igd::ctl {
namespace {

void say(const std::string& text) {
    std::fputs(text.c_str(), stdout);
}

int failed(const Failure& failure) {
    fmt::print(stderr, "upnpctl: {}\n", failure.text);
    return failure.status;
}

bool concerns(const List& list, const Json& mapping) {
    return (!list.client || mapping.value("internal_address", "") == toString(*list.client)) &&
           (!list.protocol || mapping.value("protocol", "") == lowerName(*list.protocol));
}

Outcome<std::vector<Json>> listed(const Daemon& daemon, const List& list) {
    auto mappings = daemon.mappings();
    if (mappings)
        std::erase_if(*mappings, [&](const Json& mapping) { return !concerns(list, mapping); });
    return mappings;
}

std::string deletionOf(const Json& mapping) {
    return fmt::format("delete {} {}", mapping.value("protocol", ""),
                       mapping.value("external_port", 0));
}

std::string deletionOf(const PinholeTarget& pinhole) {
    return fmt::format("close {} {} {}", lowerName(pinhole.protocol), toString(pinhole.client),
                       pinhole.port.value);
}

/// Returns one request for each endpoint of `client` that pinholes lead to.
Outcome<std::set<std::string>> closings(const Daemon& daemon, const Ipv6Address& client) {
    const auto pinholes = daemon.pinholes();
    if (!pinholes) return tl::unexpected(pinholes.error());
    std::set<std::string> requests;
    for (const Json& pinhole : *pinholes)
        if (pinhole.value("internal_address", "") == toString(client))
            requests.insert(fmt::format("close {} {} {}", pinhole.value("protocol", ""),
                                        toString(client), pinhole.value("internal_port", 0)));
    return requests;
}

/// A Runner has one overload for each command; the result is the exit status.
class Runner {
public:
    explicit Runner(const Arguments& arguments)
        : arguments_(arguments), settings_(loadControlSettings(arguments.configuration)) {}

    int operator()(const Help&) const {
        say(helpText());
        return 0;
    }
    int operator()(const Version&) const {
        say("upnpctl " UPNPD_VERSION "\n");
        return 0;
    }
    int operator()(const Status&) const {
        return withDaemon([&](const Daemon& daemon) { return show(daemon.status(), statusText); });
    }
    int operator()(const List& list) const {
        return withDaemon([&](const Daemon& daemon) {
            const auto mappings = listed(daemon, list);
            if (!mappings) return failed(mappings.error());
            // A user who asks for a client or a protocol means mappings.
            const bool all = !list.client && !list.protocol;
            const auto pinholes = all ? daemon.pinholes() : std::vector<Json>{};
            if (!pinholes) return failed(pinholes.error());
            const auto flows = all ? daemon.flows() : std::vector<Json>{};
            if (!flows) return failed(flows.error());
            say(arguments_.json
                    ? Json{{"ok", true},
                           {"schema", 1},
                           {"mappings", *mappings},
                           {"pinholes", *pinholes},
                           {"flows", *flows}}
                              .dump() +
                          "\n"
                    : listText(*mappings) + pinholesText(*pinholes) + flowsText(*flows));
            return 0;
        });
    }
    int operator()(const Sync&) const {
        return withDaemon([&](const Daemon& daemon) {
            return show(daemon.ask("sync"),
                        [](const Json&) { return std::string{"upnpd looks at the rules now\n"}; });
        });
    }
    int operator()(const Reload&) const {
        return withDaemon(
            [&](const Daemon& daemon) { return show(daemon.ask("reload"), reloadText); });
    }
    int operator()(const Delete& what) const {
        return withDaemon([&](const Daemon& daemon) { return remove(daemon, what); });
    }
    int operator()(const Check& what) const {
        if (!settings_.service)
            return failed({"no interfaces: " + settings_.service.error(), kMisused});
        const auto lines = check(facts(), what.key);
        say(arguments_.json ? checkJson(lines).dump() + "\n" : checkText(lines));
        return checkStatus(lines);
    }

private:
    template <class Use>
    [[nodiscard]] int withDaemon(const Use& use) const {
        const auto daemon = Daemon::at(socket());
        return daemon ? use(*daemon) : failed(daemon.error());
    }

    template <class Text>
    [[nodiscard]] int show(const Outcome<Json>& answer, const Text& text) const {
        if (!answer) return failed(answer.error());
        say(arguments_.json ? answer->dump() + "\n" : text(*answer));
        return 0;
    }

    [[nodiscard]] std::string socket() const {
        if (arguments_.socket) return *arguments_.socket;
        return settings_.socket.value_or("").string();
    }

    [[nodiscard]] int remove(const Daemon& daemon, const Delete& what) const {
        if (what.pinhole) return close(daemon, {deletionOf(*what.pinhole)});
        const auto* const six = what.client ? std::get_if<Ipv6Address>(&*what.client) : nullptr;
        if (six == nullptr) return removeMappings(daemon, what);
        const auto requests = closings(daemon, *six);
        return requests ? close(daemon, *requests) : failed(requests.error());
    }

    [[nodiscard]] int close(const Daemon& daemon, const std::set<std::string>& requests) const {
        std::uint64_t count = 0;
        for (const std::string& request : requests) {
            const auto answer = daemon.ask(request);
            if (!answer) return failed(answer.error());
            count += answer->value("closed", std::uint64_t{0});
        }
        if (!arguments_.json) say(fmt::format("{} pinhole(s) deleted\n", count));
        return 0;
    }

    [[nodiscard]] int removeMappings(const Daemon& daemon, const Delete& what) const {
        std::vector<std::string> requests;
        if (what.all) requests.emplace_back("clear");
        if (what.key)
            requests.push_back(fmt::format("delete {} {}", lowerName(what.key->protocol),
                                           what.key->externalPort.value));
        if (what.client) {
            const auto mappings =
                listed(daemon, {std::get<Ipv4Address>(*what.client), std::nullopt});
            if (!mappings) return failed(mappings.error());
            for (const Json& mapping : *mappings) requests.push_back(deletionOf(mapping));
        }
        for (const std::string& request : requests)
            if (const auto answer = daemon.ask(request); !answer) return failed(answer.error());
        if (!arguments_.json && !what.all)
            say(fmt::format("{} mapping(s) deleted\n", requests.size()));
        return 0;
    }

    [[nodiscard]] Facts facts() const {
        const ControlSettings::Service& service = *settings_.service;
        Facts facts = lookAtHost(service.external, service.internal);
        facts.upnp = service.upnp;
        facts.portControl = service.portControl;
        const auto daemon = Daemon::at(socket());
        if (!daemon) {
            facts.notes.push_back(daemon.error().text);
            addTaken(facts, service);
            return facts;
        }
        facts.daemonRuns = true;
        if (auto mappings = daemon->mappings()) facts.mappings = std::move(*mappings);
        if (auto pinholes = daemon->pinholes()) facts.pinholes = std::move(*pinholes);
        if (const auto status = daemon->status()) {
            addPorts(facts, *status);
            addTold(facts, status->value("external", Json::object()));
            for (const Json& refusal : status->value("refusals", Json::array()))
                facts.refusals.push_back({refusal.value("chain", "?"), refusal.value("why", "?")});
        }
        return facts;
    }

    /// Without the daemon: the ports that it could not have.
    static void addTaken(Facts& facts, const ControlSettings::Service& service) {
        for (auto& internal : facts.internal) {
            if (internal.prefixes.empty()) continue;
            const IpAddress own = internal.prefixes.front().address;
            std::vector<SocketName> wanted;
            if (service.portControl) wanted.push_back({false, {own, Port{5351}}});
            if (service.upnp && service.httpPort != 0)
                wanted.push_back({true, {own, Port{service.httpPort}}});
            for (const SocketName& name : wanted)
                if (auto holders = holdersOf(name); !holders.empty())
                    internal.problems.push_back({toString(name) + " is taken", holders});
        }
    }

    static void addTold(Facts& facts, const Json& external) {
        if (!external.contains("told") || !external["told"].is_string()) return;
        facts.told = parseIpv4Address(external["told"].get<std::string>());
        facts.toldFrom = external.value("told_from", "");
    }

    static void addPorts(Facts& facts, const Json& status) {
        for (const Json& lan : status.value("internal", Json::array()))
            for (auto& internal : facts.internal) {
                if (internal.interface.text() != lan.value("interface", "")) continue;
                if (lan["http_port"].is_number_unsigned())
                    internal.httpPort = Port{lan["http_port"].get<std::uint16_t>()};
                for (const Json& problem : lan.value("problems", Json::array()))
                    internal.problems.push_back(problemIn(problem));
            }
    }

    static Facts::Internal::Problem problemIn(const Json& json) {
        const std::string address = json.value("address", "");
        SocketName name{json.value("protocol", "") == "tcp",
                        {Ipv4Address{}, Port{json.value("port", std::uint16_t{0})}}};
        if (const auto six = parseIpv6Address(address)) name.local.address = *six;
        if (const auto four = parseIpv4Address(address)) name.local.address = *four;
        return {json.value("reason", "?"), holdersOf(name)};
    }

    const Arguments& arguments_;
    const ControlSettings settings_;
};

}  // namespace
}  // namespace igd::ctl

int main(int argc, char** argv) try {
    igd::log::open(igd::log::Target::StandardError, 0);
    const std::vector<std::string> words{argv + 1, argv + argc};
    const auto arguments = igd::ctl::parseArguments(words);
    if (!arguments) {
        fmt::print(stderr, "{}", arguments.error());
        return igd::ctl::kMisused;
    }
    return std::visit(igd::ctl::Runner{*arguments}, arguments->command);
} catch (const std::exception& error) {
    fmt::print(stderr, "upnpctl: {}\n", error.what());
    return igd::ctl::kRefused;
}
