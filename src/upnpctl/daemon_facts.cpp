// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon_facts.h"

#include "members.h"
#include "port_holders.h"
#include "served_ports.h"

#include <fmt/format.h>

namespace igd::ctl {
namespace {

void addTold(Facts& facts, const Json& external) {
    if (!external.contains("told") || !external["told"].is_string()) return;
    facts.told = parseIpv4Address(external["told"].get<std::string>());
    facts.toldFrom = external.value("told_from", "");
}

void addAbove(Facts& facts, const Json& upstream) {
    if (!upstream.is_object()) return;
    Facts::Above above{.gateway = textOf(upstream, "gateway", "the router in front"),
                       .by = textOf(upstream, "asked_by", "?"),
                       .told = parseIpv4Address(textOf(upstream, "address", "")),
                       .problem = textOf(upstream, "problem", ""),
                       .ports = upstream.value("ports", std::size_t{0}),
                       .missing = {}};
    for (const Json& each : upstream.value("missing", Json::array()))
        above.missing.push_back(fmt::format("{} {}: {}", textOf(each, "protocol", "?"),
                                            each.value("external_port", 0),
                                            textOf(each, "reason", "?")));
    facts.above = std::move(above);
}

void addStore(Facts& facts, const Json& store) {
    if (!store.is_object()) return;
    facts.store = Facts::Store{.place = textOf(store, "place", "the store of leases"),
                               .problem = textOf(store, "problem", ""),
                               .waiting = store.value("waiting", std::size_t{0}),
                               .leads = store.value("leads", true),
                               .leader = textOf(store, "leader", "")};
}

Facts::Internal::Problem problemIn(const Json& json) {
    return {json.value("reason", "?"), holdersOf(socketIn(json))};
}

void addLan(Facts::Internal& internal, const Json& lan) {
    if (lan["http_port"].is_number_unsigned())
        internal.httpPort = Port{lan["http_port"].get<std::uint16_t>()};
    for (const Json& problem : lan.value("problems", Json::array()))
        internal.problems.push_back(problemIn(problem));
    if (!lan.value("answers", true) && internal.state.isServable())
        internal.unserved.emplace_back("its front end does not answer");
}

void addPorts(Facts& facts, const Json& status) {
    for (const Json& lan : status.value("internal", Json::array()))
        for (auto& internal : facts.internal)
            if (internal.interface.text() == lan.value("interface", "")) addLan(internal, lan);
    for (auto& internal : facts.internal) addUnserved(internal, facts);
}

}  // namespace

std::optional<ControlSettings::Service> serviceOf(const Json& status) {
    const Json settings = status.value("settings", Json::object());
    if (!settings.contains("external_interface")) return std::nullopt;
    const auto named = [&](const char* key, const InterfaceName& otherwise) {
        return InterfaceName::parse(textOf(settings, key)).value_or(otherwise);
    };
    const InterfaceName external = named("external_interface", InterfaceName::none());
    ControlSettings::Service service{external,
                                     {},
                                     settings.value("upnp", true),
                                     settings.value("nat_pmp", true) || settings.value("pcp", true),
                                     settings.value("listenport", std::uint16_t{0}),
                                     settings.value("pcp", true),
                                     {},
                                     named("external_interface6", external),
                                     {},
                                     settings.value("mark_bits", 0U)};
    for (const Json& each : settings.value("uplinks", Json::array()))
        if (const auto name = InterfaceName::parse(textOf(each, "interface", "")))
            service.uplinks.push_back({.interface = *name, .mark = each.value("mark", 0U)});
    for (const Json& each : settings.value("external_ports", Json::array()))
        if (const auto range = parsePortRange(each.is_string() ? each.get<std::string>() : ""))
            service.externalPorts.push_back(*range);
    for (const Json& each : settings.value("internal_interfaces", Json::array()))
        if (const auto name = InterfaceName::parse(each.is_string() ? each.get<std::string>() : ""))
            service.internal.push_back(*name);
    return service;
}

void addDaemon(Facts& facts, const Daemon& daemon, const Json& status) {
    facts.daemonRuns = true;
    facts.role = status.value("role", "single");
    if (auto mappings = daemon.mappings()) facts.mappings = std::move(*mappings);
    if (auto pinholes = daemon.pinholes()) facts.pinholes = std::move(*pinholes);
    addPorts(facts, status);
    addTold(facts, status.value("external", Json::object()));
    addAbove(facts, status.value("upstream", Json{}));
    addStore(facts, status.value("store", Json{}));
    for (const Json& refusal : status.value("refusals", Json::array()))
        facts.refusals.push_back({refusal.value("chain", "?"), refusal.value("why", "?")});
}

void addTaken(Facts& facts, const ControlSettings::Service& service) {
    for (auto& internal : facts.internal)
        for (const IpAddress& own : internal.served()) {
            const bool isSix = std::holds_alternative<Ipv6Address>(own);
            std::vector<SocketName> wanted;
            if (isSix ? service.pcp : service.portControl)
                wanted.push_back({false, {own, Port{5351}}});
            if (service.upnp && service.httpPort != 0)
                wanted.push_back({true, {own, Port{service.httpPort}}});
            for (const SocketName& name : wanted)
                if (auto holders = holdersOf(name); !holders.empty())
                    internal.problems.push_back({toString(name) + " is taken", holders});
        }
}

}  // namespace igd::ctl
