// SPDX-License-Identifier: GPL-2.0-or-later
// Files as miniupnpd reads them, by hand and by the scripts of distributions: each line is read, or
// named.
#include "keys.h"

#include "upnpd/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

ParsedConfiguration parse(std::string_view text) {
    return parseConfiguration(text, "f");
}

/// Every key of miniupnpd 2.3.11, whatever it was compiled with.
constexpr const char* kLines[] = {"ext_ifname=wan0",
                                  "ext_ifname6=wan0",
                                  "ext_ip=80.1.2.3",
                                  "ext_allow_private_ipv4=yes",
                                  "ext_perform_stun=no",
                                  "ext_stun_host=stun.example.org",
                                  "ext_stun_port=3478",
                                  "listening_ip=lan0",
                                  "ipv6_listening_ip=::",
                                  "ipv6_disable=no",
                                  "port=0",
                                  "http_port=5000",
                                  "https_port=0",
                                  "bitrate_up=1000000",
                                  "bitrate_down=10000000",
                                  "presentation_url=http://192.168.1.1/",
                                  "friendly_name=router",
                                  "manufacturer_name=me",
                                  "manufacturer_url=http://example.org/",
                                  "model_name=x",
                                  "model_description=y",
                                  "model_url=http://example.org/",
                                  "notify_interval=900",
                                  "system_uptime=yes",
                                  "packet_log=no",
                                  "uuid=5a1f1f1f-0000-4000-8000-000000000003",
                                  "serial=12345678",
                                  "model_number=1",
                                  "clean_ruleset_threshold=10",
                                  "clean_ruleset_interval=600",
                                  "upnp_table_name=filter",
                                  "upnp_nat_table_name=filter",
                                  "upnp_forward_chain=miniupnpd",
                                  "upnp_nat_chain=miniupnpd",
                                  "upnp_nat_postrouting_chain=miniupnpd",
                                  "upnp_nftables_family_split=no",
                                  "enable_natpmp=yes",
                                  "enable_pcp_pmp=yes",
                                  "min_lifetime=120",
                                  "max_lifetime=86400",
                                  "pcp_allow_thirdparty=no",
                                  "enable_upnp=yes",
                                  "anchor=miniupnpd",
                                  "queue=queue_name1",
                                  "tag=tag_name1",
                                  "quickrules=no",
                                  "lease_file=/var/log/upnp.leases",
                                  "lease_file6=/var/log/upnp.leases6",
                                  "force_igd_desc_v1=no",
                                  "minissdpdsocket=/var/run/minissdpd.sock",
                                  "secure_mode=yes",
                                  "set_learn_dscp \"Skype\" 0 2 cs5"};

TEST(Miniupnpd, EachOfItsKeysIsReadOrNamed) {
    for (const char* line : kLines) EXPECT_TRUE(parse(line).ok()) << line;
}

TEST(Miniupnpd, AnEmptyValueIsNoValue) {
    for (std::string line : kLines) {
        const auto equals = line.find('=');
        if (equals == std::string::npos) continue;
        line.resize(equals + 1);
        const auto parsed = parse(line);
        EXPECT_TRUE(parsed.ok()) << line;
        EXPECT_FALSE(parsed.external) << line;
        EXPECT_THAT(parsed.internal, IsEmpty()) << line;
    }
    EXPECT_EQ(parse("model_number=").settings.identity.modelNumber,
              Settings{}.identity.modelNumber);
    EXPECT_THAT(
        parse("model_number=").diagnostics,
        ElementsAre(Field(&Diagnostic::text, "model_number is empty: it counts as not set")));
    EXPECT_THAT(parse("serial=").diagnostics, IsEmpty());
    EXPECT_THAT(parse("presentation_url=").diagnostics, IsEmpty());
}

TEST(Miniupnpd, ListeningIpTakesEveryForm) {
    const auto parsed = parse(
        "listening_ip=192.168.2.3/24\nlistening_ip=192.168.3.1/255.255.255.0\n"
        "listening_ip=192.168.4.1\nlistening_ip=igb1/24\nlistening_ip=br0 em0 wlan0\n"
        "listening_ip=192.168.5.1/24 88.22.44.13\nlistening_ip=127.0.0.1/8\n");
    EXPECT_TRUE(parsed.ok());
    ASSERT_THAT(parsed.networks, SizeIs(4));
    EXPECT_EQ(parsed.networks[0].network, parseIpv4Prefix("192.168.2.3/24"));
    EXPECT_EQ(parsed.networks[1].network, parseIpv4Prefix("192.168.3.1/24"));
    EXPECT_EQ(parsed.networks[2].network, parseIpv4Prefix("192.168.4.1/32"));
    EXPECT_EQ(parsed.networks[2].line, 3U);
    ASSERT_THAT(parsed.internal, SizeIs(4));
    EXPECT_EQ(parsed.internal[0].name.text(), "igb1");
    EXPECT_EQ(parsed.internal[3].name.text(), "wlan0");
    EXPECT_THAT(parsed.diagnostics,
                ElementsAre(Field(&Diagnostic::text, HasSubstr("88.22.44.13 has no effect")),
                            Field(&Diagnostic::text, HasSubstr("no client is on lo"))));
    EXPECT_FALSE(parse("listening_ip=br0/255.0.255.0").ok());
    EXPECT_FALSE(parse("listening_ip=192.168.1.300/24").ok());
}

TEST(Miniupnpd, TakesMasksInPermissions) {
    const auto parsed = parse("allow 1024-65535 192.168.1.0/255.255.255.0 1024-65535\n");
    EXPECT_THAT(parsed.diagnostics, IsEmpty());
    EXPECT_EQ(parsed.settings.policy.permissions.at(0).client,
              (ClientPattern{*parseIpv4Prefix("192.168.1.0/24")}));
}

TEST(Miniupnpd, AUuidOfNobodyIsMadeFromTheMachine) {
    for (const char* line : {"uuid=nocli", "uuid=00000000-0000-0000-0000-000000000000", "uuid="}) {
        const auto parsed = parse(line);
        EXPECT_EQ(parsed.settings.identity.uuid, "") << line;
        EXPECT_THAT(parsed.diagnostics, ElementsAre(Field(&Diagnostic::severity, Severity::Notice)))
            << line;
    }
}

TEST(Miniupnpd, LifetimesHaveItsBounds) {
    const auto policy = parse("min_lifetime=0\nmax_lifetime=604800").settings.policy;
    EXPECT_EQ(policy.pcpMinLease, Seconds{120});
    EXPECT_EQ(policy.pcpMaxLease, Seconds{86400});
    EXPECT_EQ(parse("min_lifetime=600").settings.policy.pcpMinLease, Seconds{600});
    EXPECT_FALSE(parse("min_lifetime=soon").ok());
}

TEST(Miniupnpd, Ipv6SettingsKeepTheirMeaning) {
    EXPECT_FALSE(parse("ipv6_disable=yes").settings.pinholes);
    EXPECT_TRUE(parse("ipv6_disable=no").settings.pinholes);
    EXPECT_EQ(parse("lease_file6=/run/x6").settings.takenOverPinholes, "/run/x6");
    EXPECT_EQ(parse("lease_file6=/run/x6\nlease_file=/run/x").diagnostics.size(), 0U);
    const auto other = parse("ext_ifname6=wan6\next_ifname=wan0");
    EXPECT_THAT(other.diagnostics, IsEmpty());
    EXPECT_EQ(toString(other.external6->uplink), "wan6");
    EXPECT_THAT(parse("ext_ifname6=").diagnostics,
                ElementsAre(Field(&Diagnostic::severity, Severity::Notice)));
}

TEST(Miniupnpd, TakesItsWordsForOurValues) {
    EXPECT_EQ(parse("firewall_backend = nft").settings.firewallBackend, BackendChoice::Nftables);
    const auto natPmp = parse("port_control = natpmp").settings;
    EXPECT_TRUE(natPmp.natPmp);
    EXPECT_FALSE(natPmp.pcp);
}

/// Files that the scripts of distributions would write.
constexpr const char* kOfOpnsense =
    "ext_ifname=igb0\nport=2189\nlistening_ip=igb1/24\nsecure_mode=yes\n"
    "presentation_url=https://192.168.1.1/\nuuid=11111111-2222-4333-8444-555555555555\n"
    "serial=DEADBEEF\nmodel_number=24.7\nallow 53-1024 10.0.0.0/24 53-1024\n"
    "deny 0-65535 0.0.0.0/0 0-65535\nenable_upnp=yes\nenable_natpmp=yes\n"
    "clean_ruleset_interval=600\nmin_lifetime=120\nmax_lifetime=86400\nanchor=miniupnpd\n"
    "ext_perform_stun=yes\next_stun_host=stun.example.org\next_stun_port=3478\n"
    "packet_log=no\nsystem_uptime=yes\nnotify_interval=60\next_ip=\n";
constexpr const char* kOfAsuswrt =
    "ext_ifname=eth0\nlistening_ip=192.168.50.1/255.255.255.0\nport=0\nenable_upnp=yes\n"
    "enable_natpmp=no\nsecure_mode=yes\nupnp_forward_chain=FUPNP\nupnp_nat_chain=VUPNP\n"
    "notify_interval=60\nsystem_uptime=yes\nfriendly_name=RT-AX88U\nmodel_number=386.12\n"
    "serial=a8:5e:45:00:00:01\n\nclean_ruleset_interval=0\npresentation_url=\n"
    "uuid=5a1f1f1f-0000-4000-8000-000000000001\n"
    "allow 1024-65535 192.168.50.1/255.255.255.0 1024-65535\nmin_lifetime=120\n"
    "max_lifetime=86400\n\ndeny 0-65535 0.0.0.0/0 0-65535\n";
constexpr const char* kOfFreshtomato =
    "ext_ifname=vlan3\next_ifname=vlan2\nport=5000\nenable_upnp=yes\nenable_natpmp=yes\n"
    "secure_mode=no\nupnp_forward_chain=upnp\nupnp_nat_chain=upnp\n"
    "upnp_nat_postrouting_chain=pupnp\nnotify_interval=60\nsystem_uptime=yes\n"
    "friendly_name=FreshTomato Router\nmodel_name=Netgear R7000\n"
    "model_url=https://freshtomato.org/\nmanufacturer_name=FreshTomato Firmware\n"
    "manufacturer_url=https://freshtomato.org/\n\nclean_ruleset_interval=600\n"
    "clean_ruleset_threshold=20\npresentation_url=http://192.168.1.1:80/forward-upnp.asp\n"
    "uuid=5a1f1f1f-0000-4000-8000-000000000002\n\nlistening_ip=br0\n"
    "allow 1024-65535 192.168.1.1/255.255.255.0 1024-65535\nlistening_ip=br1\n"
    "allow 1024-65535 192.168.2.1/255.255.255.0 1024-65535\n\ndeny 0-65535 0.0.0.0/0 0-65535\n";
constexpr const char* kOfOpenwrt =
    "ext_ifname=pppoe-wan\next_ifname6=\nenable_upnp=yes\nenable_pcp_pmp=yes\nsecure_mode=yes\n"
    "pcp_allow_thirdparty=no\nsystem_uptime=yes\nforce_igd_desc_v1=yes\nipv6_disable=no\n"
    "lease_file=/var/run/miniupnpd.leases\nlease_file6=/var/run/miniupnpd.leases-ipv6\nserial=\n"
    "model_number=\nhttp_port=5000\nuuid=nocli\nupnp_table_name=fw4\nupnp_nat_table_name=fw4\n"
    "upnp_forward_chain=upnp_forward\nupnp_nat_chain=upnp_prerouting\n"
    "upnp_nat_postrouting_chain=upnp_postrouting\nlistening_ip=br-lan\n"
    "deny 137-139 192.168.1.1/24 137-139 # Reject port 137-139 on lan\n"
    "allow 1024-65535 192.168.1.1/24 1024-65535 # Accept port 1024-65535 on lan\n# Custom ACL\n"
    "deny 1-65535 192.168.1.1/24 1-65535 # Reject ACL by default on lan\n";

TEST(Miniupnpd, FilesOfDistributionsAreRead) {
    for (const char* text : {kOfOpnsense, kOfAsuswrt, kOfFreshtomato, kOfOpenwrt}) {
        const auto parsed = parse(text);
        for (const auto& diagnostic : parsed.diagnostics)
            EXPECT_EQ(diagnostic.severity, Severity::Notice) << toString(diagnostic);
        EXPECT_TRUE(parsed.external);
        EXPECT_FALSE(parsed.internal.empty() && parsed.networks.empty());
    }
}

}  // namespace
}  // namespace igd
