// SPDX-License-Identifier: GPL-2.0-or-later
#include "keys.h"

#include "key_setters.h"
#include "values.h"

#include "upnpd/util/text.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace igd {
namespace {

using namespace setter;

constexpr std::string_view kBoolean = "yes or no";
constexpr std::string_view kBitRate =
    "bits per second as a whole number, 0 for what the interface says";
constexpr std::string_view kLease = "seconds, or HH:MM, from 1 second to 365 days";
constexpr std::string_view kChain = "the name of a chain: at most 28 letters, digits, _ . -";
constexpr std::string_view kText = "a text of 1 to 64 bytes of UTF-8";
constexpr std::string_view kUrl = "an http:// or https:// URL of at most 256 characters, or none";
constexpr std::string_view kPath = "an absolute path, or none";
constexpr std::string_view kCount = "a whole number of 1 to 65535";
/// A front end has 1024 descriptors; events need some of them.
constexpr std::uint64_t kMostConnections = 600;
constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

constexpr std::array kKeys{
    ConfigurationKey{"igd_version", igdVersion, "1, 2 or auto", "auto"},
    ConfigurationKey{
        "allow_third_party",
        [](Settings& s, Value v) { return assign(s.policy.thirdParties, parseThirdParties(v)); },
        "yes, no, or addresses and prefixes with commas between them", "no"},
    ConfigurationKey{"list_mappings",
                     [](Settings& s, Value v) { return oneOf(s.policy.listAll, v, "own", "all"); },
                     "all or own", "all"},
    ConfigurationKey{
        "delete_mappings",
        [](Settings& s, Value v) { return oneOf(s.policy.deleteAll, v, "own", "all"); },
        "own or all", "own"},
    ConfigurationKey{
        "reserved_ports",
        [](Settings& s, Value v) { return assign(s.policy.reservedPorts, parsePorts(v)); },
        "ports with commas between them, or none", "1900, 5350, 5351"},
    ConfigurationKey{
        "external_ports",
        [](Settings& s, Value v) { return assign(s.policy.externalPorts, parseExternalPorts(v)); },
        "ports and ranges like 4000-4015 with commas between them, or all", "all"},
    ConfigurationKey{"open_nat",
                     [](Settings& s, Value v) { return assign(s.policy.openNat, parseOpenNat(v)); },
                     "IPv4 addresses, networks and mac:XX:XX:XX:XX:XX:XX, at most 64, with commas "
                     "between them, or none",
                     "none"},
    ConfigurationKey{"mapping", staticMapping,
                     "tcp or udp, an external port, CLIENT or CLIENT:PORT, perhaps a description",
                     "none"},
    ConfigurationKey{
        "mappings_per_client",
        [](Settings& s, Value v) { return number(s.policy.mappingsPerClient, v, 1, 65535); },
        kCount, "64"},
    ConfigurationKey{
        "mappings_total",
        [](Settings& s, Value v) { return number(s.policy.mappingsTotal, v, 1, 300000); },
        "a whole number of 1 to 300000", "1024"},
    ConfigurationKey{"max_port_set",
                     [](Settings& s, Value v) { return number(s.policy.maxPortSet, v, 1, 4096); },
                     "a whole number of 1 to 4096", "256"},
    ConfigurationKey{
        "duration",
        [](Settings& s, Value v) { return assign(s.defaultDuration, DefaultDuration::parse(v)); },
        "0, seconds, HH:MM (365 days at most), @SECONDS or @HH:MM", "0"},
    ConfigurationKey{"absent_host_timeout", absentHostTimeout,
                     "seconds, HH:MM, from 1 second to 365 days, or never", "86400"},
    ConfigurationKey{"lease_min", [](Settings& s, Value v) { return lease(s.policy.minLease, v); },
                     kLease, "1"},
    ConfigurationKey{"lease_max", [](Settings& s, Value v) { return lease(s.policy.maxLease, v); },
                     kLease, "604800"},
    ConfigurationKey{"upnp", [](Settings& s, Value v) { return assign(s.upnp, parseBoolean(v)); },
                     kBoolean, "yes"},
    ConfigurationKey{"port_control", portControl, "both, nat-pmp, pcp, none, yes or no", "both"},
    ConfigurationKey{"pcp_lease_min",
                     [](Settings& s, Value v) { return lease(s.policy.pcpMinLease, v); }, kLease,
                     "120"},
    ConfigurationKey{"pcp_lease_max",
                     [](Settings& s, Value v) { return lease(s.policy.pcpMaxLease, v); }, kLease,
                     "86400"},
    ConfigurationKey{
        "pcp_third_party",
        [](Settings& s, Value v) { return assign(s.pcpThirdParties, parsePrefixes(v)); },
        "addresses or prefixes with commas between them, or none", "none"},
    ConfigurationKey{
        "nat_pmp_hide_private",
        [](Settings& s, Value v) { return assign(s.natPmpHidesPrivate, parseBoolean(v)); },
        "yes, no, or addresses or prefixes with commas between them", "no"},
    ConfigurationKey{
        "port_requests_per_client",
        [](Settings& s, Value v) { return number(s.portRequestsPerSecond, v, 1, 50000); },
        "a whole number of 1 to 50000", "500"},
    ConfigurationKey{
        "nat_pmp_legacy_announcements",
        [](Settings& s, Value v) { return assign(s.natPmpLegacyAnnouncements, parseBoolean(v)); },
        kBoolean, "no"},
    ConfigurationKey{"lease_file", [](Settings& s, Value v) { return pathOrNone(s.leaseFile, v); },
                     kPath, "/var/lib/upnpd/leases"},
    ConfigurationKey{"lease_store", leaseStore,
                     "redis://ADDRESS[:PORT][/DATABASE] or redis+unix:///PATH[?db=DATABASE], or "
                     "none",
                     "none"},
    ConfigurationKey{"lease_store_login",
                     [](Settings& s, Value v) { return pathOrNone(s.leaseStoreLogin, v); }, kPath,
                     "none"},
    ConfigurationKey{"role",
                     [](Settings& s, Value v) { return oneOf(s.isOfPair, v, "single", "pair"); },
                     "single or pair", "single"},
    ConfigurationKey{
        "virtual_addresses",
        [](Settings& s, Value v) { return assign(s.virtualAddresses, parseAddresses(v)); },
        "addresses with commas between them, or none", "none"},
    ConfigurationKey{
        "firewall_backend",
        [](Settings& s, Value v) { return assign(s.firewallBackend, parseBackend(v)); },
        "auto, nftables or iptables", "auto"},
    ConfigurationKey{"insert_forward_rules",
                     [](Settings& s, Value v) {
                         return assign(s.insertForwardRules, parseInsertForwardRules(v));
                     },
                     "yes, no or auto", "auto"},
    ConfigurationKey{"external_address", externalAddress,
                     "auto, the IPv4 address of a host, or stun", "auto"},
    ConfigurationKey{
        "stun_server",
        [](Settings& s, Value v) { return assign(s.externalAddress.server, parseStunServer(v)); },
        "HOST or HOST:PORT, or none", "none"},
    ConfigurationKey{"upstream",
                     [](Settings& s, Value v) { return assign(s.upstream.by, parseUpstream(v)); },
                     "off, auto, pcp, nat-pmp or upnp", "off"},
    ConfigurationKey{"upstream_gateway", upstreamGateway, "auto, or the IPv4 address of a host",
                     "auto"},
    ConfigurationKey{"hairpin",
                     [](Settings& s, Value v) { return assign(s.hairpin, parseBoolean(v)); },
                     kBoolean, "yes"},
    ConfigurationKey{
        "forward_rules_append",
        [](Settings& s, Value v) { return assign(s.forwardRulesAppend, parseBoolean(v)); },
        kBoolean, "no"},
    ConfigurationKey{"forward_chain_name",
                     [](Settings& s, Value v) { return assign(s.forwardChain, parseChain(v)); },
                     kChain, "FORWARD"},
    ConfigurationKey{"prerouting_chain_name",
                     [](Settings& s, Value v) { return assign(s.preroutingChain, parseChain(v)); },
                     kChain, "PREROUTING"},
    ConfigurationKey{"ipv6forward_chain_name",
                     [](Settings& s, Value v) { return assign(s.forwardChain6, parseChain(v)); },
                     kChain, "FORWARD"},
    ConfigurationKey{"mark_bits",
                     [](Settings& s, Value v) { return assign(s.markBits, parseMarkBits(v)); },
                     "a number of 1 to 0xffffffff, in hexadecimal with 0x", "0x00800000"},
    ConfigurationKey{"uplinks", uplinkUse, "failover or all", "failover"},
    ConfigurationKey{"ipv6_pinholes",
                     [](Settings& s, Value v) { return assign(s.pinholes, parseBoolean(v)); },
                     kBoolean, "yes"},
    ConfigurationKey{
        "ipv6firewall_enabled",
        [](Settings& s, Value v) { return assign(s.ipv6FirewallEnabled, parseBoolean(v)); },
        kBoolean, "yes"},
    ConfigurationKey{
        "ipv6inbound_pinhole_allowed",
        [](Settings& s, Value v) { return assign(s.policy.pinholesAllowed, parseBoolean(v)); },
        kBoolean, "yes"},
    ConfigurationKey{"upstream_bitrate",
                     [](Settings& s, Value v) { return number(s.upstreamBitRate, v, 0, kAny); },
                     kBitRate, "0"},
    ConfigurationKey{"downstream_bitrate",
                     [](Settings& s, Value v) { return number(s.downstreamBitRate, v, 0, kAny); },
                     kBitRate, "0"},
    ConfigurationKey{"listenport",
                     [](Settings& s, Value v) { return number(s.httpPort, v, 0, 65535); },
                     "a port of 1 to 65535, or 0 for the first free one from 49152", "0"},
    ConfigurationKey{"friendly_name",
                     [](Settings& s, Value v) { return filledText(s.identity.friendlyName, v); },
                     kText, "%h router"},
    ConfigurationKey{"manufacturer",
                     [](Settings& s, Value v) { return filledText(s.identity.manufacturer, v); },
                     kText, "Linux UPnP IGD Project"},
    ConfigurationKey{"manufacturer_url",
                     [](Settings& s, Value v) { return urlOrNone(s.identity.manufacturerUrl, v); },
                     kUrl, "http://linux-igd.sourceforge.net/"},
    ConfigurationKey{"model_name",
                     [](Settings& s, Value v) { return filledText(s.identity.modelName, v); },
                     kText, "upnpd"},
    ConfigurationKey{"model_number",
                     [](Settings& s, Value v) { return filledText(s.identity.modelNumber, v); },
                     kText, "%v"},
    ConfigurationKey{
        "model_description",
        [](Settings& s, Value v) { return filledText(s.identity.modelDescription, v); }, kText,
        "UPnP Internet Gateway Device for Linux"},
    ConfigurationKey{"model_url",
                     [](Settings& s, Value v) { return urlOrNone(s.identity.modelUrl, v); }, kUrl,
                     "http://linux-igd.sourceforge.net/"},
    ConfigurationKey{
        "serial_number",
        [](Settings& s, Value v) { return assign(s.identity.serialNumber, parseText(v, 64)); },
        "a text of at most 64 bytes of UTF-8", ""},
    ConfigurationKey{"uuid", deviceUuid, "a UUID (8-4-4-4-12 hexadecimal digits), or auto", "auto"},
    ConfigurationKey{"presentation_url", presentationUrl,
                     "/, an http:// or https:// URL of at most 256 characters, or none", kOwnPage},
    ConfigurationKey{
        "connections_per_client",
        [](Settings& s, Value v) { return number(s.limits.connectionsPerPeer, v, 1, 65535); },
        kCount, "32"},
    ConfigurationKey{"connections_total",
                     [](Settings& s, Value v) {
                         return number(s.limits.connectionsTotal, v, 1, kMostConnections);
                     },
                     "a whole number of 1 to 600", "256"},
    ConfigurationKey{
        "request_header_max",
        [](Settings& s, Value v) { return number(s.limits.headerBytes, v, 1024, 65536); },
        "bytes, 1024 to 65536", "8192"},
    ConfigurationKey{
        "request_body_max",
        [](Settings& s, Value v) { return number(s.limits.bodyBytes, v, 4096, 1048576); },
        "bytes, 4096 to 1048576", "65536"},
    ConfigurationKey{"request_time", requestTime, "seconds, 1 to 300", "10"},
    ConfigurationKey{
        "requests_per_client",
        [](Settings& s, Value v) { return number(s.limits.requestsPerSecondPerPeer, v, 1, 65535); },
        kCount, "100"},
    ConfigurationKey{
        "requests_total",
        [](Settings& s, Value v) { return number(s.limits.requestsPerSecond, v, 1, 65535); },
        kCount, "1000"},
    ConfigurationKey{
        "subscriptions_per_client",
        [](Settings& s, Value v) { return number(s.limits.subscriptionsPerPeer, v, 1, 65535); },
        kCount, "16"},
    ConfigurationKey{
        "subscriptions_total",
        [](Settings& s, Value v) { return number(s.limits.subscriptionsTotal, v, 1, 65535); },
        kCount, "128"},
    ConfigurationKey{
        "searches_per_client",
        [](Settings& s, Value v) { return number(s.limits.searchesPerSecondPerPeer, v, 1, 65535); },
        kCount, "20"},
    ConfigurationKey{
        "searches_total",
        [](Settings& s, Value v) { return number(s.limits.searchesPerSecond, v, 1, 65535); },
        kCount, "200"},
    ConfigurationKey{"debug_mode",
                     [](Settings& s, Value v) { return number(s.debugMode, v, 0, 3); },
                     "0, 1, 2 or 3", "2"},
    ConfigurationKey{"log_allocations",
                     [](Settings& s, Value v) { return assign(s.logAllocations, parseBoolean(v)); },
                     kBoolean, "no"},
    ConfigurationKey{"user", [](Settings& s, Value v) { return assign(s.user, parseUserName(v)); },
                     "the name of a user", "upnpd"},
    ConfigurationKey{"require_seccomp",
                     [](Settings& s, Value v) { return assign(s.requireSeccomp, parseBoolean(v)); },
                     kBoolean, "no"},
    ConfigurationKey{"pid_file",
                     [](Settings& s, Value v) { return assign(s.pidFile, parsePath(v)); },
                     "an absolute path", "/run/upnpd/upnpd.pid"},
    ConfigurationKey{"control_socket",
                     [](Settings& s, Value v) { return pathOrNone(s.controlSocket, v); }, kPath,
                     "/run/upnpd/upnpd.sock"},
    ConfigurationKey{"page", pageAccess, "all, own or none", "all"},
    ConfigurationKey{"page_password",
                     [](Settings& s, Value v) { return pathOrNone(s.pagePassword, v); }, kPath,
                     "none"},
    ConfigurationKey{"host_names", hostNames,
                     "auto, none, or absolute paths of lease files with commas between them",
                     "auto"},
    ConfigurationKey{"approve", approvalMode, "off, new-hosts or all", "off"},
    ConfigurationKey{"on_change", [](Settings& s, Value v) { return pathOrNone(s.onChange, v); },
                     kPath, "none"},
    ConfigurationKey{"metrics_listen",
                     [](Settings& s, Value v) { return listenPlace(s.metricsListen, v); },
                     "ADDRESS:PORT with one address of this router, or none", "none"},
};

/// A longer key is no misspelt one, and the comparison would take long.
constexpr std::size_t kLongestGuess = 40;

/// Returns the number of insertions, deletions and replacements between the two (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::span<const ConfigurationKey> configurationKeys() {
    return kKeys;
}

std::string_view similarKey(std::string_view key) {
    if (key.size() > kLongestGuess) return {};
    std::vector<std::string_view> names{kExternalInterfaceKey, kExternalInterface6Key,
                                        kInternalInterfaceKey};
    for (const auto& known : kKeys) names.push_back(known.name);
    for (const auto& alias : keyAliases()) names.push_back(alias.old);
    const std::size_t tolerance = std::max<std::size_t>(2, key.size() / 4);
    std::string_view best;
    std::size_t least = tolerance + 1;
    for (const auto name : names)
        if (const std::size_t d = distance(key, name); d < least) {
            least = d;
            best = name;
        }
    return least < key.size() ? best : std::string_view{};
}

}  // namespace igd
