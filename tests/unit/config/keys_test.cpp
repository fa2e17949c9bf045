// SPDX-License-Identifier: GPL-2.0-or-later
#include "keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

namespace igd {
namespace {

/// Every field of Settings that a key can change.
auto fieldsOf(const Settings& s) {
    const auto& l = s.limits;
    const auto& i = s.identity;
    return std::make_tuple(
        std::make_tuple(s.firewallBackend, s.insertForwardRules, s.hairpin, s.forwardRulesAppend,
                        s.forwardChain, s.preroutingChain, s.policy.thirdParties,
                        s.policy.mappingsPerClient, s.policy.mappingsTotal, s.policy.maxPortSet,
                        s.policy.maxLease),
        std::make_tuple(s.externalAddress.from, s.externalAddress.configured,
                        s.externalAddress.server.host, s.externalAddress.server.port, s.upstream.by,
                        s.upstream.gateway),
        std::make_tuple(s.forwardChain6, s.markBits, s.pinholes, s.ipv6FirewallEnabled,
                        s.policy.pinholesAllowed),
        std::make_tuple(s.policy.listAll, s.policy.deleteAll, s.policy.reservedPorts,
                        s.policy.minLease, s.staticMappings, i.profile.version, i.announced,
                        s.policy.openNat, s.policy.externalPorts),
        std::make_tuple(s.upnp, s.natPmp, s.pcp, s.natPmpHidesPrivate, s.natPmpLegacyAnnouncements,
                        s.portRequestsPerSecond, s.policy.pcpMinLease, s.policy.pcpMaxLease,
                        s.pcpThirdParties, s.policy.absentHostTimeout),
        std::make_tuple(s.defaultDuration, s.leaseFile, s.leaseStore, s.leaseStoreLogin, s.httpPort,
                        s.upstreamBitRate, s.downstreamBitRate, s.debugMode, s.user,
                        s.requireSeccomp, s.pidFile, s.controlSocket),
        std::make_tuple(s.page, s.pagePassword, s.hostNames.automatic, s.hostNames.paths, s.approve,
                        s.onChange, s.metricsListen),
        std::make_tuple(l.connectionsPerPeer, l.connectionsTotal, l.headerBytes, l.bodyBytes,
                        l.requestTime, l.requestsPerSecondPerPeer, l.requestsPerSecond,
                        l.subscriptionsPerPeer, l.subscriptionsTotal, l.searchesPerSecondPerPeer,
                        l.searchesPerSecond),
        std::make_tuple(i.uuid, i.friendlyName, i.manufacturer, i.manufacturerUrl, i.modelName,
                        i.modelNumber, i.modelDescription, i.modelUrl, i.serialNumber,
                        i.presentationUrl));
}

TEST(ConfigurationKeys, DefaultsOfTheTableAreThoseOfTheStruct) {
    for (const auto& key : configurationKeys()) {
        Settings settings;
        EXPECT_TRUE(key.set(settings, key.defaultValue)) << key.name;
        EXPECT_EQ(fieldsOf(settings), fieldsOf(Settings{})) << key.name;
    }
}

TEST(ConfigurationKeys, EachSetsAFieldOfItsOwn) {
    const std::pair<std::string_view, std::string_view> values[] = {
        {"allow_third_party", "yes"},
        {"igd_version", "1"},
        {"list_mappings", "own"},
        {"delete_mappings", "All"},
        {"reserved_ports", "22 80,443"},
        {"external_ports", "4000-4015, 5000"},
        {"open_nat", "192.168.1.40, 192.168.2.0/24 mac:00:11:22:33:44:55"},
        {"mapping", "udp 5060 192.168.1.9:5061 the phone"},
        {"lease_min", "60"},
        {"mappings_per_client", "3"},
        {"mappings_total", "9"},
        {"max_port_set", "16"},
        {"duration", "1:00"},
        {"lease_max", "3600"},
        {"lease_file", "none"},
        {"lease_store", "redis+unix:///run/redis/redis.sock?db=3"},
        {"lease_store_login", "/etc/linuxigd/store-login"},
        {"firewall_backend", "IPTABLES"},
        {"insert_forward_rules", "no"},
        {"hairpin", "no"},
        {"external_address", "80.1.2.3"},
        {"stun_server", "stun.example:3479"},
        {"upstream", "NAT-PMP"},
        {"upstream_gateway", "10.2.0.1"},
        {"forward_rules_append", "on"},
        {"forward_chain_name", "fwd2UPnP"},
        {"prerouting_chain_name", "UPnP"},
        {"ipv6forward_chain_name", "fwd6"},
        {"mark_bits", "0x1F000000"},
        {"ipv6_pinholes", "no"},
        {"ipv6firewall_enabled", "no"},
        {"ipv6inbound_pinhole_allowed", "no"},
        {"upstream_bitrate", "10000000000"},
        {"downstream_bitrate", "512000"},
        {"listenport", "2869"},
        {"friendly_name", "Dachboden \xc3\xa4"},
        {"manufacturer", "me"},
        {"manufacturer_url", "https://example.org"},
        {"model_name", "x"},
        {"model_number", "1"},
        {"model_description", "y"},
        {"model_url", "none"},
        {"serial_number", "7"},
        {"uuid", "uuid:0B5A1F9E-6A52-4DD1-8A3C-111111111111"},
        {"presentation_url", "http://router/#top"},
        {"upnp", "no"},
        {"port_control", "nat-pmp"},
        {"pcp_lease_min", "60"},
        {"pcp_lease_max", "7200"},
        {"pcp_third_party", "192.168.1.2, 2001:db8::/64"},
        {"nat_pmp_hide_private", "yes"},
        {"nat_pmp_legacy_announcements", "yes"},
        {"absent_host_timeout", "120"},
        {"port_requests_per_client", "7"},
        {"connections_per_client", "5"},
        {"connections_total", "6"},
        {"request_header_max", "4096"},
        {"request_body_max", "8192"},
        {"request_time", "5"},
        {"requests_per_client", "50"},
        {"requests_total", "500"},
        {"subscriptions_per_client", "4"},
        {"subscriptions_total", "44"},
        {"searches_per_client", "2"},
        {"searches_total", "22"},
        {"debug_mode", "3"},
        {"user", "igd"},
        {"require_seccomp", "yes"},
        {"pid_file", "/run/x.pid"},
        {"control_socket", "none"},
        {"page", "own"},
        {"page_password", "/etc/x"},
        {"host_names", "/a, /b"},
        {"approve", "new-hosts"},
        {"on_change", "/bin/x"},
        {"metrics_listen", "127.0.0.1:9912"}};
    Settings all;
    for (const auto& key : configurationKeys()) {
        const auto* const value = std::ranges::find(
            values, key.name, &std::pair<std::string_view, std::string_view>::first);
        ASSERT_NE(value, std::end(values)) << key.name;
        const auto before = fieldsOf(all);
        EXPECT_TRUE(key.set(all, value->second)) << key.name;
        EXPECT_NE(fieldsOf(all), before) << key.name;
    }
    EXPECT_EQ(all.identity.uuid, "0b5a1f9e-6a52-4dd1-8a3c-111111111111");
    EXPECT_EQ(all.limits.searchesPerSecondPerPeer, 2U);
    EXPECT_EQ(all.httpPort, 2869);
    EXPECT_EQ(all.forwardChain, "fwd2UPnP");
    EXPECT_EQ(all.markBits, 0x1f000000U);
}

TEST(ConfigurationKeys, ShowVersion2ToEverybodyOrToWhoAsks) {
    const auto versions = [](std::string_view value) {
        Settings settings;
        EXPECT_TRUE(std::ranges::find(configurationKeys(), "igd_version", &ConfigurationKey::name)
                        ->set(settings, value));
        return std::pair{settings.identity.profile.version, settings.identity.announced};
    };
    EXPECT_EQ(versions("1"), (std::pair{IgdVersion::One, IgdVersion::One}));
    EXPECT_EQ(versions("2"), (std::pair{IgdVersion::Two, IgdVersion::Two}));
    EXPECT_EQ(versions("Auto"), (std::pair{IgdVersion::Two, IgdVersion::One}));
}

TEST(ConfigurationKeys, RefuseWhatTheyDoNotTake) {
    const std::pair<std::string_view, std::string_view> values[] = {
        {"allow_third_party", "maybe"},
        {"igd_version", "3"},
        {"list_mappings", "yes"},
        {"delete_mappings", ""},
        {"reserved_ports", "22 x"},
        {"external_ports", "0-15"},
        {"external_ports", "4015-4000"},
        {"external_ports", ", ,"},
        {"open_nat", "any"},
        {"open_nat", "2001:db8::1"},
        {"open_nat", "192.168.1.40, console"},
        {"mapping", "udp 0 192.168.1.9"},
        {"lease_min", "0"},
        {"upnp", "igd"},
        {"port_control", "upnp"},
        {"pcp_lease_min", "0"},
        {"pcp_lease_max", "x"},
        {"pcp_third_party", "192.168.1.2@80"},
        {"nat_pmp_hide_private", ""},
        {"nat_pmp_legacy_announcements", "2"},
        {"port_requests_per_client", "0"},
        {"mappings_per_client", "0"},
        {"mappings_total", "-1"},
        {"max_port_set", "4097"},
        {"duration", "soon"},
        {"lease_max", "0"},
        {"lease_file", "leases"},
        {"lease_store", ""},
        {"lease_store", "10.0.0.5"},
        {"lease_store", "redis://"},
        {"lease_store", "redis://10.0.0.5:0"},
        {"lease_store", "redis://10.0.0.5/zero"},
        {"lease_store", "redis://redis.example"},
        {"lease_store", "redis+unix://run/redis.sock"},
        {"lease_store_login", "login"},
        {"firewall_backend", "pf"},
        {"insert_forward_rules", "2"},
        {"hairpin", "perhaps"},
        {"external_address", "224.0.0.1"},
        {"external_address", "127.0.0.1"},
        {"external_address", "0.0.0.0"},
        {"metrics_listen", "0.0.0.0:9912"},
        {"metrics_listen", "[::]:9912"},
        {"metrics_listen", "[fe80::1]:9912"},
        {"metrics_listen", "224.0.0.1:9912"},
        {"metrics_listen", "127.0.0.1"},
        {"external_address", "255.255.255.255"},
        {"external_address", "80.1.2"},
        {"external_address", "2001:db8::1"},
        {"external_address", "interface"},
        {"external_address", ""},
        {"stun_server", ""},
        {"upstream", ""},
        {"upstream", "yes"},
        {"upstream", "natpmp"},
        {"upstream_gateway", ""},
        {"upstream_gateway", "none"},
        {"upstream_gateway", "224.0.0.1"},
        {"upstream_gateway", "fe80::1"},
        {"stun_server", ":3478"},
        {"stun_server", "stun.example:0"},
        {"stun_server", "stun.example:"},
        {"stun_server", "stun.example:3478:1"},
        {"stun_server", "[2001:db8::1]:3478"},
        {"stun_server", "1.2:3478"},
        {"stun_server", "-x"},
        {"stun_server", "a b"},
        {"forward_rules_append", ""},
        {"forward_chain_name", "-F"},
        {"prerouting_chain_name", "a b"},
        {"ipv6forward_chain_name", ""},
        {"mark_bits", "0"},
        {"mark_bits", "0x0"},
        {"mark_bits", "0x"},
        {"mark_bits", "ff"},
        {"mark_bits", "0x100000000"},
        {"mark_bits", "0x800000/0x800000"},
        {"ipv6_pinholes", "auto"},
        {"ipv6firewall_enabled", "x"},
        {"ipv6inbound_pinhole_allowed", "x"},
        {"upstream_bitrate", "1M"},
        {"downstream_bitrate", "99999999999999999999"},
        {"listenport", "65536"},
        {"friendly_name", ""},
        {"manufacturer", "\xff"},
        {"manufacturer_url", "ftp://x"},
        {"model_name", "a\tb"},
        {"model_number", ""},
        {"model_description", ""},
        {"model_url", "http://"},
        {"uuid", "0b5a1f9e6a524dd18a3c111111111111"},
        {"presentation_url", "javascript:alert(1)"},
        {"presentation_url", "/other"},
        {"connections_per_client", "0"},
        {"connections_total", "601"},
        {"request_header_max", "10"},
        {"request_body_max", "99999999"},
        {"request_time", "0"},
        {"requests_per_client", "0"},
        {"requests_total", "-1"},
        {"subscriptions_per_client", ""},
        {"subscriptions_total", "1e3"},
        {"searches_per_client", "0"},
        {"searches_total", "+1"},
        {"debug_mode", "12"},
        {"user", "a:b"},
        {"require_seccomp", "auto"},
        {"pid_file", "/run/"},
        {"control_socket", "upnpd.sock"}};
    for (const auto& [name, value] : values) {
        const auto keys = configurationKeys();
        const auto key = std::ranges::find(keys, name, &ConfigurationKey::name);
        ASSERT_NE(key, keys.end()) << name;
        Settings settings;
        EXPECT_FALSE(key->set(settings, value)) << name << " = " << value;
        EXPECT_EQ(fieldsOf(settings), fieldsOf(Settings{})) << name;
    }
}

TEST(ConfigurationKeys, PortsAreInOrderAndJoined) {
    const auto keys = configurationKeys();
    const auto key = std::ranges::find(keys, "external_ports", &ConfigurationKey::name);
    Settings settings;
    EXPECT_TRUE(key->set(settings, "5000-5015 4008-4020,4000-4010, 4021 65535"));
    const auto range = [](std::uint16_t first, std::uint16_t last) {
        return PortRange{Port{first}, Port{last}};
    };
    EXPECT_EQ(settings.policy.externalPorts,
              (std::vector{range(4000, 4021), range(5000, 5015), range(65535, 65535)}));
    EXPECT_TRUE(key->set(settings, "All"));
    EXPECT_TRUE(settings.policy.externalPorts.empty());
}

TEST(ConfigurationKeys, TextsHaveAtMost64Bytes) {
    const auto keys = configurationKeys();
    const auto key = std::ranges::find(keys, "friendly_name", &ConfigurationKey::name);
    Settings settings;
    EXPECT_TRUE(key->set(settings, std::string(64, 'a')));
    EXPECT_FALSE(key->set(settings, std::string(65, 'a')));
}

TEST(ConfigurationKeys, NamesAreUniqueAndAliasesLeadSomewhere) {
    std::vector<std::string_view> names{kExternalInterfaceKey, kExternalInterface6Key,
                                        kInternalInterfaceKey};
    for (const auto& key : configurationKeys()) names.push_back(key.name);
    for (const auto& alias : keyAliases()) {
        EXPECT_TRUE(std::ranges::find(names, alias.name) != names.end()) << alias.old;
        names.push_back(alias.old);
    }
    for (const auto& key : keysWithoutEffect()) names.push_back(key.name);
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(ConfigurationKeys, ANearMissIsGuessed) {
    EXPECT_EQ(similarKey("alow_third_party"), "allow_third_party");
    EXPECT_EQ(similarKey("listen_port"), "listenport");
    EXPECT_EQ(similarKey("zzz"), "");
    EXPECT_EQ(similarKey("a"), "");
}

}  // namespace
}  // namespace igd
