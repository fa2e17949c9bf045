// SPDX-License-Identifier: GPL-2.0-or-later
#include "status_json.h"

#include "service_health.h"

#include "upnpd/firewall/held_ports.h"

#include <unistd.h>

namespace igd {
namespace {

using Json = nlohmann::json;

Seconds::rep secondsSince(TimePoint then, TimePoint now) {
    return std::chrono::floor<Seconds>(now - then).count();
}

/// Clients of that LAN miss this; a socket among it is named.
Json problemsJson(const FrontEnds::Served& lan) {
    Json all = Json::array();
    if (!lan.notAdvertised.empty())
        all.push_back({{"reason", "the device is not advertised: " + lan.notAdvertised}});
    for (const SocketProblem& each : lan.problems) {
        all.push_back(socketJson(each.socket));
        all.back()["reason"] = each.reason;
    }
    return all;
}

Json orNull(const std::optional<bool>& value) {
    return value ? Json(*value) : Json();
}

Json servicesJson(const FrontEnds::Served& lan, const Configuration& configuration) {
    Json all = Json::array();
    for (const ServiceHealth& each : healthOf(lan, configuration))
        all.push_back(
            {{"service", each.service}, {"ipv4", orNull(each.ipv4)}, {"ipv6", orNull(each.ipv6)}});
    return all;
}

Json lanJson(const FrontEnds::Served& lan, const Configuration& configuration) {
    Json addresses = Json::array();
    for (const Ipv4Prefix& each : lan.addresses) addresses.push_back(toString(each));
    Json addresses6 = Json::array();
    for (const Ipv6Prefix& each : lan.addresses6) addresses6.push_back(toString(each));
    Json open = Json::array();
    for (const SocketName& each : lan.open) open.push_back(socketJson(each));
    return {{"interface", lan.interface.text()},
            {"address", !addresses.empty()    ? addresses.front()
                        : !addresses6.empty() ? addresses6.front()
                                              : Json()},
            {"addresses", addresses},
            {"addresses6", addresses6},
            {"answers", lan.answers},
            {"http_port", lan.httpPort ? Json(lan.httpPort->value) : Json()},
            {"waits", lan.waits.empty() ? Json() : Json(lan.waits)},
            {"services", servicesJson(lan, configuration)},
            {"open", open},
            {"problems", problemsJson(lan)}};
}

Json externalJson(const ExternalView& view, Seconds connectedFor) {
    const auto textOf = [](const std::optional<Ipv4Address>& address) {
        return address ? Json(toString(*address)) : Json();
    };
    return {{"interface", view.interface},
            {"exists", view.exists},
            {"up", view.up},
            {"address", textOf(view.address)},
            {"told", textOf(view.told)},
            {"told_from", view.toldFrom},
            {"told_remark", view.remark},
            {"connected_for", connectedFor.count()}};
}

Json metricsJson(const std::optional<MetricsListener::State>& metrics) {
    if (!metrics) return {};
    return {{"address", toString(metrics->local.address)},
            {"port", metrics->local.port.value},
            {"open", metrics->open},
            {"problem", metrics->problem.empty() ? Json() : Json(metrics->problem)}};
}

Json aboveJson(const std::optional<AboveView>& above) {
    if (!above) return {};
    Json missing = Json::array();
    for (const AboveView::Missing& each : above->missing)
        missing.push_back({{"protocol", lowerName(each.key.protocol)},
                           {"external_port", each.key.externalPort.value},
                           {"reason", each.reason}});
    return {{"gateway", above->gateway ? Json(toString(*above->gateway)) : Json()},
            {"asked_by", name(above->by)},
            {"address", above->external ? Json(toString(*above->external)) : Json()},
            {"problem", above->problem.empty() ? Json() : Json(above->problem)},
            {"ports", above->held},
            {"missing", std::move(missing)}};
}

Json storeJson(const std::optional<LeaseStoreView>& store) {
    if (!store) return {};
    return {{"place", store->name},
            {"problem", store->problem.empty() ? Json() : Json(store->problem)},
            {"leads", store->leads},
            {"leader", store->leader.empty() ? Json() : Json(store->leader)},
            {"token", store->token},
            {"waiting", store->waiting},
            {"openings", store->openings}};
}

Json refusalsJson(const FirewallHealth& firewall) {
    Json refusals = Json::array();
    for (const ChainRefusal& refusal : firewall.refusals())
        refusals.push_back({{"chain", refusal.chain}, {"why", refusal.why}});
    return refusals;
}

/// Ports that are listed; how many there are is told besides.
constexpr std::size_t kMostHeldPortsTold = 256;

Json openNatJson(const PolicyConfig& policy) {
    Json hosts = Json::array();
    for (const OpenNat& each : openNatOf(policy))
        hosts.push_back({{"host", toString(each.host)}, {"ports", portsText(each.ports)}});
    if (hosts.empty()) return {};
    Json held = Json::array();
    const std::vector<HeldPort> ports = heldPorts();
    for (const HeldPort& port : ports) {
        if (held.size() == kMostHeldPortsTold) break;
        held.push_back({{"external_port", port.external.value},
                        {"internal_address", toString(port.client)},
                        {"internal_port", port.internal.value}});
    }
    return {{"hosts", std::move(hosts)}, {"held", ports.size()}, {"ports", std::move(held)}};
}

Json lastRepairJson(const Repairs& repairs, TimePoint now) {
    if (!repairs.last()) return {};
    return {{"ago", secondsSince(repairs.last()->at, now)}, {"damage", repairs.last()->damage}};
}

Json lastReloadJson(const Reloader& reloader, TimePoint now) {
    if (!reloader.last()) return {};
    const auto& [at, refused] = *reloader.last();
    return {{"ago", secondsSince(at, now)}, {"refused", refused ? Json(*refused) : Json()}};
}

Json pathJson(const std::optional<std::filesystem::path>& path) {
    return path ? Json(path->string()) : Json();
}

/// null: it is not known yet.
Json nameJson(const InterfaceName& name) {
    return name.isNone() ? Json() : Json(name.text());
}

/// The names are those of upnpd.conf(5); null: none.
Json settingsJson(const Configuration& configuration) {
    const auto namesJson = [](const std::vector<InterfaceName>& names) {
        Json all = Json::array();
        for (const InterfaceName& name : names) all.push_back(name.text());
        return all;
    };
    Json uplinks = Json::array();
    for (const UplinkSide& each : configuration.namedUplinks())
        uplinks.push_back({{"interface", each.interface.text()}, {"mark", each.mark}});
    Json ports = Json::array();
    for (const PortRange& each : configuration.policy.externalPorts)
        ports.push_back(toString(each));
    return {{"file", configuration.file.empty() ? Json() : Json(configuration.file)},
            {"external_interface", nameJson(configuration.externalInterface)},
            {"external_interface6", nameJson(configuration.externalInterface6)},
            {"external_follows_route", configuration.external.isAuto()},
            {"uplinks_at_once", configuration.usesAll()},
            {"uplinks", uplinks},
            {"mark_bits", configuration.markBits},
            {"internal_interfaces", namesJson(configuration.internalInterfaces)},
            {"external_ports", ports},
            {"upnp", configuration.upnp},
            {"nat_pmp", configuration.natPmp},
            {"pcp", configuration.pcp},
            {"listenport", configuration.httpPort},
            {"ipv6_pinholes", configuration.pinholes},
            {"lease_file", pathJson(configuration.leaseFile)},
            {"lease_store",
             configuration.leaseStore ? Json(toString(*configuration.leaseStore)) : Json()},
            {"pid_file", configuration.pidFile.string()},
            {"control_socket", pathJson(configuration.controlSocket)},
            {"user", configuration.user}};
}

}  // namespace

Json socketJson(const SocketName& socket) {
    return {{"protocol", socket.tcp ? "tcp" : "udp"},
            {"address", toString(socket.local.address)},
            {"port", socket.local.port.value}};
}

Json statusJson(const StatusParts& parts, TimePoint now) {
    const auto& lists = parts.openings.lists();
    const GatewayStatus status = parts.external.wan().status();
    Json internal = Json::array();
    for (const auto& lan : parts.served()) internal.push_back(lanJson(lan, parts.configuration));
    const auto damage = parts.repairs.pending();
    return {{"version", UPNPD_VERSION},
            {"pid", ::getpid()},
            {"uptime", secondsSince(parts.since, now)},
            {"role", parts.roleNow()},
            {"settings", settingsJson(parts.configuration)},
            {"external", externalJson(parts.external.wan().view(), status.connectedFor(now))},
            {"upstream", aboveJson(parts.above ? parts.above() : std::nullopt)},
            {"store", storeJson(parts.store ? parts.store() : std::nullopt)},
            {"internal", internal},
            {"metrics", metricsJson(parts.metrics ? parts.metrics() : std::nullopt)},
            {"firewall", parts.firewall.name()},
            {"mappings", lists.count(OpeningKind::Mapping)},
            {"pinholes", lists.count(OpeningKind::Pinhole)},
            {"flows", lists.count(OpeningKind::Peer)},
            {"repairs", parts.repairs.count()},
            {"last_repair", lastRepairJson(parts.repairs, now)},
            {"damage", damage ? Json(*damage) : Json()},
            {"last_reload", lastReloadJson(parts.reloader, now)},
            {"refusals", refusalsJson(parts.firewall)},
            {"open_nat", openNatJson(parts.configuration.policy)}};
}

}  // namespace igd
