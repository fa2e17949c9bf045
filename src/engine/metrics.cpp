// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics.h"

#include "traffic_counts.h"

#include "upnpd/system/process_use.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

namespace igd {
namespace {

using Labels = std::vector<MetricLabel>;

Metric gauge(std::string_view name, std::string_view help, double value) {
    return {name, MetricType::Gauge, help, {{{}, value}}};
}

template <class Count>
Metric gauge(std::string_view name, std::string_view help, Count value) {
    return gauge(name, help, static_cast<double>(value));
}

template <class Count>
Metric counter(std::string_view name, std::string_view help, Count value) {
    return {name, MetricType::Counter, help, {{{}, static_cast<double>(value)}}};
}

/// Returns a counter with a sample for each of `counts`, whose labels are the names of the values
/// of `Kind`.
template <class Kind, class Counts>
Metric counters(std::string_view metric, std::string_view help, std::string_view label,
                const Counts& counts) {
    Metric result{metric, MetricType::Counter, help, {}};
    for (std::size_t i = 0; i < counts.size(); ++i)
        result.samples.push_back({{{label, std::string{name(static_cast<Kind>(i))}}},
                                  static_cast<double>(counts.at(i))});
    return result;
}

std::string_view kindName(OpeningKind kind) {
    switch (kind) {
        case OpeningKind::Mapping:
            return "mapping";
        case OpeningKind::Pinhole:
            return "pinhole";
        case OpeningKind::Peer:
            return "flow";
    }
    return "";
}

bool isSix(const Opening& opening) {
    return std::holds_alternative<Ipv6Address>(opening.internal.address);
}

/// Returns the time of `then` on the clock of the wall, in seconds since 1970.
double unixTimeOf(TimePoint then, TimePoint now) {
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration<double>{wall - (now - then)}.count();
}

double secondsIn(std::chrono::microseconds time) {
    return std::chrono::duration<double>{time}.count();
}

}  // namespace

std::string Metrics::text(MetricsForm form, TimePoint now) const {
    return metricsText(all(now), form);
}

MetricsText Metrics::piece(const GetMetrics& request, TimePoint now) {
    if (request.from == 0)
        told_ = text(request.openMetrics ? MetricsForm::OpenMetrics : MetricsForm::Prometheus, now);
    MetricsText piece;
    if (request.from >= told_.size()) return piece;
    piece.text = told_.substr(request.from, kMaxMetricsText);
    const std::size_t next = request.from + piece.text.size();
    if (next < told_.size()) piece.next = static_cast<std::uint32_t>(next);
    return piece;
}

std::vector<Metric> Metrics::all(TimePoint now) const {
    std::vector<Metric> all;
    all.push_back({"upnpd_build_info",
                   MetricType::Info,
                   "Versions of upnpd and of the libupnp it was built with, and the firewall used",
                   {{{{"version", UPNPD_VERSION},
                      {"libupnp", UPNPD_LIBUPNP},
                      {"firewall", std::string{parts_.status.firewall.name()}}},
                     1}}});
    const std::vector<Opening> openings = parts_.status.openings.lists().all();
    addOpenings(all, openings);
    addQuota(all, openings);
    addEvents(all);
    addHealth(all, now);
    addStore(all);
    addExternal(all);
    addTraffic(all, openings);
    addProcess(all, now);
    return all;
}

void Metrics::addOpenings(std::vector<Metric>& all, const std::vector<Opening>& openings) {
    using Key = std::tuple<OpeningKind, Protocol, bool>;
    std::map<Key, std::size_t> counts;
    for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
        counts[{OpeningKind::Mapping, protocol, false}] = 0;  // none is told, too
        counts[{OpeningKind::Pinhole, protocol, true}] = 0;
    }
    std::array<std::size_t, kOrigins> claims{};
    for (const Opening& each : openings) {
        ++counts[{each.kind, each.protocol, isSix(each)}];
        for (const Claim& claim : each.claims) ++claims.at(static_cast<std::size_t>(claim.origin));
    }
    Metric byKind{"upnpd_openings", MetricType::Gauge, "Openings at present, a port set once", {}};
    for (const auto& [key, count] : counts)
        byKind.samples.push_back({{{"kind", std::string{kindName(std::get<0>(key))}},
                                   {"protocol", std::string{lowerName(std::get<1>(key))}},
                                   {"family", std::get<2>(key) ? "ipv6" : "ipv4"}},
                                  static_cast<double>(count)});
    all.push_back(std::move(byKind));
    Metric byOrigin = counters<Origin>(
        "upnpd_claims", "Claims on openings at present; one that two protocols claim has two",
        "via", claims);
    byOrigin.type = MetricType::Gauge;
    all.push_back(std::move(byOrigin));
}

/// Quotas count the ports of a set, and what clients have made alone can be at a limit.
void Metrics::addQuota(std::vector<Metric>& all, const std::vector<Opening>& openings) const {
    const PolicyConfig& policy = parts_.status.openings.policy().config();
    std::map<Account, std::size_t> hosts;
    std::size_t ports = 0;
    for (const Opening& each : openings) {
        ports += each.portCount;
        if (!each.isAdministrators()) hosts[each.account] += each.portCount;
    }
    const auto full = std::ranges::count_if(
        hosts, [&](const auto& host) { return host.second >= policy.mappingsPerClient; });
    all.push_back(
        gauge("upnpd_quota_used", "Openings as quotas count them: a set by its ports", ports));
    all.push_back(gauge("upnpd_quota_limit", "Most openings of all hosts (mappings_total)",
                        policy.mappingsTotal));
    all.push_back(gauge("upnpd_quota_host_limit", "Most openings of a host (mappings_per_client)",
                        policy.mappingsPerClient));
    all.push_back(
        gauge("upnpd_hosts", "Hosts that have openings which clients made", hosts.size()));
    all.push_back(gauge("upnpd_hosts_at_limit", "Hosts that have as many as they may", full));
}

void Metrics::addEvents(std::vector<Metric>& all) const {
    const EventCounts& counts = parts_.events.counts();
    all.push_back(counters<Origin>("upnpd_granted_total",
                                   "Openings that were granted, by the protocol that asked", "via",
                                   counts.granted));
    all.push_back(
        counters<Origin>("upnpd_renewed_total", "Leases that were renewed", "via", counts.renewed));
    all.push_back(counters<MappingError>("upnpd_refused_total", "Requests that were refused",
                                         "reason", counts.refused));
    all.push_back(
        counters<EndCause>("upnpd_ended_total", "Openings that have ended", "cause", counts.ended));
    all.push_back({"upnpd_request_duration_seconds", MetricType::Histogram,
                   "Time from the arrival of a request in the engine to its answer",
                   parts_.times.samples()});
}

void Metrics::addHealth(std::vector<Metric>& all, TimePoint now) const {
    const StatusParts& status = parts_.status;
    const std::vector<FrontEnds::Served> lans = status.served();
    all.push_back(counter("upnpd_repairs_total",
                          "Times that rules were put back which others had damaged",
                          status.repairs.count()));
    all.push_back(gauge("upnpd_firewall_in_order",
                        "Whether the rules are as they should be, as far as is known",
                        !status.repairs.pending()));
    all.push_back(gauge("upnpd_firewall_closed_chains",
                        "Chains of others that take no rule of ours and stop mapped ports",
                        status.firewall.refusals().size()));
    all.push_back({"upnpd_role",
                   MetricType::Gauge,
                   "1 for the role of this router: single, active or standby",
                   {{{{"role", std::string{status.roleNow()}}}, 1.0}}});
    all.push_back(gauge("upnpd_lans", "Internal interfaces", lans.size()));
    all.push_back(gauge("upnpd_lans_served", "Internal interfaces whose front end answers",
                        std::ranges::count(lans, true, &FrontEnds::Served::answers)));
    const auto subscribers =
        std::transform_reduce(lans.begin(), lans.end(), std::uint64_t{0}, std::plus{},
                              [](const FrontEnds::Served& lan) { return lan.subscribers; });
    all.push_back(gauge("upnpd_subscribers", "Subscriptions to events of UPnP", subscribers));
    all.push_back(counter("upnpd_front_end_restarts_total",
                          "Front ends that ended by themselves and were started again",
                          parts_.events.counts().frontEndRestarts));
    const auto& reload = status.reloader.last();
    all.push_back(gauge("upnpd_config_last_reload_successful",
                        "Whether the configuration that was read last is in force",
                        !reload || !reload->refused));
    all.push_back(gauge("upnpd_config_last_reload_timestamp_seconds",
                        "Time when the configuration was read last",
                        unixTimeOf(reload ? reload->at : status.since, now)));
}

/// There are no such metrics where no store is named.
void Metrics::addStore(std::vector<Metric>& all) const {
    const auto store = parts_.status.store ? parts_.status.store() : std::nullopt;
    if (!store) return;
    all.push_back(gauge("upnpd_lease_store_up", "Whether the store of leases takes what it is sent",
                        store->problem.empty()));
    all.push_back(gauge("upnpd_lease_store_leading", "Whether this daemon writes into the store",
                        store->leads));
    all.push_back(gauge("upnpd_lease_store_waiting", "Changes that the store has not taken yet",
                        store->waiting));
}

void Metrics::addExternal(std::vector<Metric>& all) const {
    const ExternalView view = parts_.status.external.wan().view();
    const auto told = view.told ? view.told : view.address;
    const GatewayStatus counted = parts_.counted();
    all.push_back(gauge("upnpd_external_up",
                        "Whether the external interface is up and has an address",
                        counted.connected()));
    all.push_back(gauge("upnpd_external_public",
                        "Whether the address that clients are told is a public one",
                        told && told->isPublic()));
    all.push_back(counter("upnpd_external_address_changes_total",
                          "Changes of the external interface or its address",
                          parts_.events.counts().addressChanges));
    all.push_back(counter("upnpd_external_receive_bytes_total",
                          "Bytes that the external interface has received", counted.bytesReceived));
    all.push_back(counter("upnpd_external_transmit_bytes_total",
                          "Bytes that the external interface has sent", counted.bytesSent));
    all.push_back(counter("upnpd_external_receive_packets_total",
                          "Packets that the external interface has received",
                          counted.packetsReceived));
    all.push_back(counter("upnpd_external_transmit_packets_total",
                          "Packets that the external interface has sent", counted.packetsSent));
}

void Metrics::addTraffic(std::vector<Metric>& all, const std::vector<Opening>& openings) const {
    if (!parts_.traffic || openings.size() > TrafficCounts::kMostAtOnce) return;
    std::vector<std::pair<MappingKey, Traffic>> mappings;
    for (const Opening& each : openings)
        if (const auto traffic =
                each.kind == OpeningKind::Mapping ? parts_.traffic(each) : std::nullopt)
            mappings.emplace_back(each.key(), *traffic);
    const auto most =
        mappings.begin() + static_cast<std::ptrdiff_t>(std::min(mappings.size(), kMostMappings));
    std::ranges::partial_sort(mappings, most, std::ranges::greater{},
                              [](const auto& each) { return each.second.bytes; });
    mappings.erase(most, mappings.end());
    std::ranges::sort(mappings, {}, [](const auto& each) { return each.first; });
    Metric bytes{"upnpd_mapping_bytes_total",
                 MetricType::Counter,
                 "Bytes through a mapping, both ways; of the 100 mappings with most",
                 {}};
    Metric packets{"upnpd_mapping_packets_total",
                   MetricType::Counter,
                   "Packets through the same mappings",
                   {}};
    for (const auto& [key, traffic] : mappings) {
        const Labels labels{{"protocol", std::string{lowerName(key.protocol)}},
                            {"external_port", std::to_string(key.externalPort.value)}};
        bytes.samples.push_back({labels, static_cast<double>(traffic.bytes)});
        packets.samples.push_back({labels, static_cast<double>(traffic.packets)});
    }
    all.push_back(std::move(bytes));
    all.push_back(std::move(packets));
}

/// Readers of metrics know these names from other daemons. The process is the engine.
void Metrics::addProcess(std::vector<Metric>& all, TimePoint now) const {
    const ProcessUse use = useOfThisProcess();
    all.push_back(counter("process_cpu_seconds_total", "Processor time of the engine",
                          secondsIn(use.processorTime)));
    all.push_back(gauge("process_start_time_seconds", "Time when the engine was started",
                        unixTimeOf(parts_.status.since, now)));
    all.push_back(
        gauge("process_resident_memory_bytes", "Memory of the engine in use", use.residentBytes));
    all.push_back(
        gauge("process_virtual_memory_bytes", "Address space of the engine", use.virtualBytes));
    all.push_back(
        gauge("process_open_fds", "Descriptors that the engine has open", use.openDescriptors));
    all.push_back(
        gauge("process_max_fds", "Most descriptors that it may have open", use.mostDescriptors));
}

}  // namespace igd
