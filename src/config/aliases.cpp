// SPDX-License-Identifier: GPL-2.0-or-later
// This table has the names of older programs and of miniupnpd: their meaning here, or why they have
// no effect.
#include "keys.h"
#include "values.h"

#include "upnpd/util/text.h"

#include <cstdint>
#include <limits>

namespace igd {
namespace {

using Value = std::string_view;

/// Reverses the value of an old name that says the opposite.
std::optional<std::string> opposite(Value value) {
    const auto boolean = parseBoolean(value);
    // A text that is no boolean stays none, for the error.
    if (!boolean) return value.empty() ? std::string{} : std::string{value} + " ";
    return *boolean ? "no" : "yes";
}

std::optional<std::string> versionWhenForced(Value value) {
    const auto forced = parseBoolean(value);
    if (!forced) return std::string{value} + " ";
    return *forced ? "1" : "auto";
}

std::optional<std::string> everybodyOrNone(Value value) {
    const auto everybody = parseBoolean(value);
    if (!everybody) return std::string{value} + " ";
    return *everybody ? "0.0.0.0/0, ::/0" : "none";
}

std::optional<std::string> stunWhenAsked(Value value) {
    const auto boolean = parseBoolean(value);
    if (boolean == false) return std::nullopt;
    if (boolean || equalsIgnoringCase(value, "allow-filtered")) return "stun";
    return std::string{value} + " ";
}

/// miniupnpd raises a shorter lease to this one.
std::optional<std::string> atLeastTwoMinutes(Value value) {
    return parseNumber(value, 0, 119) ? "120" : std::string{value};
}

/// miniupnpd grants no longer one.
std::optional<std::string> atMostOneDay(Value value) {
    return parseNumber(value, 86401, std::numeric_limits<std::uint64_t>::max())
               ? "86400"
               : std::string{value};
}

/// Its leases of pinholes are taken over, and the file is not written any more.
bool pinholeLeases(Settings& settings, Value value) {
    auto path = parsePath(value);
    if (path) settings.takenOverPinholes = std::move(*path);
    return path.has_value();
}

bool stunHost(Settings& settings, Value value) {
    auto host = parseHost(value);
    if (host) settings.externalAddress.server.host = std::move(*host);
    return host.has_value();
}

bool stunPort(Settings& settings, Value value) {
    const auto port = parsePort(value);
    if (port) settings.externalAddress.server.port = *port;
    return port.has_value();
}

constexpr KeyAlias kAliases[] = {
    {"listen", kInternalInterfaceKey},
    {"create_forward_rules", "insert_forward_rules"},
    {"port_forward", "insert_forward_rules", nullptr, true},
    {"uprate", "upstream_bitrate", nullptr, true},
    {"downrate", "downstream_bitrate", nullptr, true},
    {"secure_mode", "allow_third_party", opposite},
    {"paranoid", "allow_third_party", opposite},
    // The names of miniupnpd follow.
    {"ext_ifname", kExternalInterfaceKey},
    {"ext_ifname6", kExternalInterface6Key},
    {"listening_ip", kInternalInterfaceKey},
    {"port", "listenport"},
    {"http_port", "listenport"},
    {"force_igd_desc_v1", "igd_version", versionWhenForced},
    {"min_lifetime", "pcp_lease_min", atLeastTwoMinutes},
    {"max_lifetime", "pcp_lease_max", atMostOneDay},
    {"enable_upnp", "upnp"},
    {"enable_natpmp", "port_control"},
    {"enable_pcp_pmp", "port_control"},
    {"pcp_allow_thirdparty", "pcp_third_party", everybodyOrNone},
    {"manufacturer_name", "manufacturer"},
    {"serial", "serial_number"},
    {"bitrate_up", "upstream_bitrate"},
    {"bitrate_down", "downstream_bitrate"},
    {"ipv6_disable", "ipv6_pinholes", opposite},
    {"lease_file6", "lease_file", nullptr, false, pinholeLeases, "an absolute path"},
    {"ext_ip", "external_address"},
    {"ext_perform_stun", "external_address", stunWhenAsked},
    {"ext_stun_host", "stun_server", nullptr, false, stunHost,
     "the name or the IPv4 address of a host"},
    {"ext_stun_port", "stun_server", nullptr, false, stunPort, "a port of 1 to 65535"},
};

constexpr std::string_view kBuiltIn = "the description documents are built in";
constexpr std::string_view kNoProgram = "rules are made in the kernel without that program";
constexpr std::string_view kOneLog = "the log is written as debug_mode says";
constexpr std::string_view kNotRouter = "upnpd does not manage DHCP, DNS and interfaces";
constexpr std::string_view kBothFamilies =
    "IPv4 and IPv6 are served wherever the interface has addresses";
constexpr std::string_view kOwnChains = "rules live in a table, or chains, of our own";
constexpr std::string_view kAlways = "it is always so here";
constexpr std::string_view kNotNeeded = "there is nothing here that needs it";
constexpr std::string_view kNotSettable = "the intervals are those of the standard";

constexpr ConfigurationKey kWithoutEffect[] = {
    {"iptables_location", nullptr, kNoProgram, {}},
    {"ipnat_location", nullptr, kNoProgram, {}},
    {"description_document_name", nullptr, kBuiltIn, {}},
    {"lower_description_document", nullptr, kBuiltIn, {}},
    {"xml_document_path", nullptr, kBuiltIn, {}},
    {"upnp_log_filename", nullptr, kOneLog, {}},
    {"upnp_log_level", nullptr, kOneLog, {}},
    {"x_name", nullptr, "Microsoft's extensions of 2002 are gone", {}},
    {"osmachinename", nullptr, "Microsoft's extensions of 2002 are gone", {}},
    {"advertisement_interval", nullptr, kNotSettable, {}},
    {"notify_interval", nullptr, kNotSettable, {}},
    {"system_uptime", nullptr, "uptime is that of the connection, as the standard has it", {}},
    {"ext_allow_private_ipv4", nullptr, kAlways, {}},
    {"upnp_table_name", nullptr, kOwnChains, {}},
    {"upnp_nat_table_name", nullptr, kOwnChains, {}},
    {"upnp_forward_chain", nullptr, kOwnChains, {}},
    {"upnp_nat_chain", nullptr, kOwnChains, {}},
    {"upnp_nat_postrouting_chain", nullptr, kOwnChains, {}},
    {"upnp_nftables_family_split", nullptr, kOwnChains, {}},
    {"clean_ruleset_interval", nullptr, "a mapping ends with its lease", {}},
    {"clean_ruleset_threshold", nullptr, "a mapping ends with its lease", {}},
    {"minissdpdsocket", nullptr, kNotNeeded, {}},
    {"packet_log", nullptr, kNotNeeded, {}},
    {"quickrules", nullptr, kNotNeeded, {}},
    {"queue", nullptr, kNotNeeded, {}},
    {"tag", nullptr, kNotNeeded, {}},
    {"anchor", nullptr, kNotNeeded, {}},
    {"ipv6_listening_ip", nullptr, "every address of an internal interface is served", {}},
    {"set_learn_dscp", nullptr, kNotNeeded, {}},
    {"force_forwarding", nullptr, kAlways, {}},
    {"ignore_private_ip_check", nullptr, kAlways, {}},
    {"https_port", nullptr, "control points speak plain HTTP", {}},
    {"event_update_interval", nullptr, kNotSettable, {}},
    {"dnsmasq_script", nullptr, kNotRouter, {}},
    {"dhcrelay_script", nullptr, kNotRouter, {}},
    {"dhcrelay_server", nullptr, kNotRouter, {}},
    {"uci_command", nullptr, kNotRouter, {}},
    {"resolf_conf", nullptr, kNotRouter, {}},
    {"dhcpc_cmd", nullptr, kNotRouter, {}},
    {"network_script", nullptr, kNotRouter, {}},
    {"control_point_authorized",
     nullptr,
     "allow, deny and allow_third_party say who may map what",
     {}},
    {"ipv4_enabled", nullptr, kBothFamilies, {}},
    {"ipv6_ula_gua_enabled", nullptr, kBothFamilies, {}},
    {"ipv6_linklocal_enabled", nullptr, kBothFamilies, {}},
};

}  // namespace

std::span<const ConfigurationKey> keysWithoutEffect() {
    return kWithoutEffect;
}

std::span<const KeyAlias> keyAliases() {
    return kAliases;
}

}  // namespace igd
