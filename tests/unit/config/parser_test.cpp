// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

ParsedConfiguration parse(std::string_view text) {
    return parseConfiguration(text, "f");
}

/// The only diagnostic that `text` gives, as the administrator reads it.
std::string only(std::string_view text) {
    const auto parsed = parse(text);
    EXPECT_THAT(parsed.diagnostics, SizeIs(1)) << text;
    return parsed.diagnostics.empty() ? "" : toString(parsed.diagnostics.front());
}

TEST(ConfigurationParser, ReadsTheSampleOfLinuxIgd10) {
    const auto parsed = parse(
        "#\r\n# iptables\r\niptables_location = \"/usr/sbin/iptables\"\r\ndebug_mode = "
        "3\r\ninsert_forward_rules = yes\r\n"
        "forward_chain_name = UPNP2\r\nprerouting_chain_name=UPnP\r\nupstream_bitrate = 512000\r\n"
        "downstream_bitrate = 6000000\r\nduration = 86400\r\ndescription_document_name = "
        "gatedesc.xml\r\n"
        "xml_document_path = /etc/linuxigd\r\nlistenport = 0\r\n");
    EXPECT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.settings.debugMode, 3);
    EXPECT_EQ(parsed.settings.insertForwardRules, InsertForwardRules::Yes);
    EXPECT_EQ(parsed.settings.forwardChain, "UPNP2");
    EXPECT_EQ(parsed.settings.preroutingChain, "UPnP");
    EXPECT_EQ(parsed.settings.upstreamBitRate, 512000U);
    EXPECT_EQ(parsed.settings.defaultDuration, DefaultDuration::parse("86400"));
    EXPECT_THAT(parsed.diagnostics,
                SizeIs(3));  // no effect: iptables_location and the two documents
}

TEST(ConfigurationParser, ReadsTheStyleOf093) {
    const auto parsed =
        parse("UpRate 131072\ndownrate 614400\nport_forward yes\nX_Name Local Area Connection\n");
    EXPECT_TRUE(parsed.ok());
    EXPECT_EQ(parsed.settings.upstreamBitRate, 131072U);
    EXPECT_EQ(parsed.settings.downstreamBitRate, 614400U);
    EXPECT_EQ(parsed.settings.insertForwardRules, InsertForwardRules::Yes);
    EXPECT_THAT(only("OSMachineName \"Linux IGD\"\n"),
                HasSubstr("f:1: notice: osmachinename has no effect"));
}

TEST(ConfigurationParser, TakesEveryFormOfALine) {
    for (const char* line : {"debug_mode=3", "  debug_mode =\t3  ", "debug_mode = 3 # loud",
                             "debug_mode = \"3\";", "debug_mode = '3' ; # x", "DEBUG_MODE = 3;",
                             "\xef\xbb\xbf"
                             "debug_mode = 3",
                             "debug_mode = 3\r\n\r\n"}) {
        const auto parsed = parse(line);
        EXPECT_THAT(parsed.diagnostics, IsEmpty()) << line;
        EXPECT_EQ(parsed.settings.debugMode, 3) << line;
    }
}

TEST(ConfigurationParser, TakesEveryFormOfABoolean) {
    for (const char* word : {"yes", "YES", "true", "True", "1", "on"})
        EXPECT_TRUE(
            parse(std::string{"forward_rules_append = "} + word).settings.forwardRulesAppend)
            << word;
    for (const char* word : {"no", "False", "0", "OFF"})
        EXPECT_FALSE(
            parse(std::string{"forward_rules_append = yes\nforward_rules_append = "} + word)
                .settings.forwardRulesAppend)
            << word;
}

TEST(ConfigurationParser, QuotesKeepWhatACommentWouldCut) {
    EXPECT_EQ(parse("friendly_name = \"C # major;\" # music").settings.identity.friendlyName,
              "C # major;");
    EXPECT_EQ(parse("presentation_url = http://r/#a").settings.identity.presentationUrl,
              "http://r/#a");
}

TEST(ConfigurationParser, SecureModeAndParanoidAreTheOppositeOfThirdParty) {
    EXPECT_THAT(parse("secure_mode = no").settings.policy.thirdParties, SizeIs(1));
    EXPECT_THAT(parse("allow_third_party = yes\nparanoid = 1").settings.policy.thirdParties,
                IsEmpty());
    EXPECT_THAT(only("paranoid = 0"),
                HasSubstr("f:1: warning: paranoid = 0 lets a client open ports to other hosts"));
    EXPECT_THAT(only("secure_mode = maybe"),
                HasSubstr("f:1: error: secure_mode = \"maybe\": expected yes, no, or addresses"));
}

TEST(ConfigurationParser, TheLastOfTwoCountsAndIsNamed) {
    const auto parsed = parse("create_forward_rules = yes\ninsert_forward_rules = no\n");
    EXPECT_EQ(parsed.settings.insertForwardRules, InsertForwardRules::No);
    EXPECT_THAT(only("duration = 5\nduration = 6"),
                HasSubstr("f:2: notice: duration was set on line 1 already: this line counts"));
    EXPECT_THAT(only("create_forward_rules = yes\ninsert_forward_rules = no"),
                HasSubstr("f:2: notice: insert_forward_rules was set on line 1"));
}

TEST(ConfigurationParser, CollectsInterfaces) {
    const auto parsed =
        parse("external_interface = ppp0\ninternal_interface = br-lan\nlisten = vlan20 vlan30\n");
    EXPECT_TRUE(parsed.ok());
    EXPECT_EQ(toString(parsed.external->uplink), "ppp0");
    EXPECT_THAT(parsed.internal, SizeIs(3));
    EXPECT_EQ(parsed.internal[2].line, 3U);
}

TEST(ConfigurationParser, ReadsPermissionsInTheirOrder) {
    const auto parsed = parse(
        "allow 80 192.168.1.10 80\nDENY 0-65535\t192.168.1.128/25 1024-65535 # guests\nallow 5000 "
        "any "
        "5000;\n");
    ASSERT_TRUE(parsed.ok());
    const auto& rules = parsed.settings.policy.permissions;
    ASSERT_THAT(rules, SizeIs(3));
    EXPECT_TRUE(rules[0].allow);
    EXPECT_EQ(rules[0].externalPorts, (PortRange{Port{80}, Port{80}}));
    EXPECT_EQ(rules[0].client, (ClientPattern{*parseIpv4Prefix("192.168.1.10/32")}));
    EXPECT_EQ(rules[0].origin, "f:1");
    EXPECT_FALSE(rules[1].allow);
    EXPECT_EQ(rules[1].client, (ClientPattern{*parseIpv4Prefix("192.168.1.128/25")}));
    EXPECT_EQ(rules[1].internalPorts, (PortRange{Port{1024}, Port{65535}}));
    EXPECT_EQ(rules[2].client, (ClientPattern{AnyClient{}}));
}

TEST(ConfigurationParser, ReadsClientsOfEachKind) {
    const auto parsed = parse(
        "deny 0-65535 0.0.0.0/0 0-65535\nallow 22 2001:db8::5 22\nallow 22 2001:db8::/64 22\n"
        "allow 22 mac:00:11:32:aa:bb:cc 22\n");
    const auto& rules = parsed.settings.policy.permissions;
    ASSERT_THAT(rules, SizeIs(4));
    EXPECT_EQ(rules[0].client, (ClientPattern{AnyClient{}}));
    EXPECT_EQ(rules[1].client, (ClientPattern{Ipv6Prefix{*parseIpv6Address("2001:db8::5"), 128}}));
    EXPECT_EQ(rules[2].client, (ClientPattern{Ipv6Prefix{*parseIpv6Address("2001:db8::"), 64}}));
    EXPECT_EQ(rules[3].client, (ClientPattern{*parseMacAddress("00:11:32:aa:bb:cc")}));
}

TEST(ConfigurationParser, HasOneListOfThirdParties) {
    const auto parties = [](const char* text) { return parse(text).settings.policy.thirdParties; };
    EXPECT_THAT(parties("allow_third_party = no"), IsEmpty());
    EXPECT_EQ(parties("allow_third_party = yes"), (std::vector{Ipv6Prefix{}}));
    EXPECT_THAT(parties("allow_third_party = 192.168.1.2, 2001:db8:1::/64\n"
                        "pcp_third_party = 192.168.1.3"),
                SizeIs(3));
    EXPECT_THAT(only("allow_third_party = perhaps"), HasSubstr("f:1: error: allow_third_party"));
}

TEST(ConfigurationParser, BoundsTimes) {
    EXPECT_THAT(only("duration = 100000000"), HasSubstr("f:1: error: duration"));
    EXPECT_THAT(only("absent_host_timeout = soon"), HasSubstr("f:1: error: absent_host_timeout"));
    EXPECT_EQ(parse("absent_host_timeout = never").settings.policy.absentHostTimeout, std::nullopt);
    EXPECT_EQ(parse("absent_host_timeout = 1:00").settings.policy.absentHostTimeout, Seconds{3600});
}

TEST(ConfigurationParser, RefusesBadPermissions) {
    EXPECT_THAT(only("allow 80 192.168.1.10"),
                HasSubstr("expected allow|deny EXTERNAL-PORTS CLIENT INTERNAL-PORTS"));
    EXPECT_THAT(only("allow 80 192.168.1.10 80 tpc"),
                HasSubstr("f:1: error: \"tpc\": expected tcp"));
    EXPECT_THAT(only("allow = 80 192.168.1.10 80"),
                HasSubstr("f:1: error: allow takes no \"=\": expected allow|deny EXTERNAL-PORTS"));
    EXPECT_THAT(only("deny"), HasSubstr("f:1: error: expected allow|deny EXTERNAL-PORTS"));
    EXPECT_THAT(only("deny 80 192.168.1.3/255.0.255.0 80"), HasSubstr("client \"192.168.1.3/255"));
    EXPECT_THAT(only("allow 90-80 192.168.1.10 80"), HasSubstr("external ports \"90-80\""));
    EXPECT_THAT(only("deny 80 192.168.1.300 80"), HasSubstr("client \"192.168.1.300\""));
    EXPECT_THAT(only("deny 80 192.168.1.3 70000"), HasSubstr("internal ports \"70000\""));
}

TEST(ConfigurationParser, AnExpressionForDescriptionsNeverPermitsMore) {
    const char* allow = "allow 80 192.168.1.10 80 \"My evil app ver [[:digit:]]*\"";
    EXPECT_THAT(only(allow), HasSubstr("f:1: warning: this line is left out"));
    EXPECT_THAT(parse(allow).settings.policy.permissions, IsEmpty());
    const char* deny = "deny 80 192.168.1.0/24 80 tcp .*evil.* # bad";
    EXPECT_THAT(only(deny), HasSubstr("f:1: warning: this line denies whatever the description"));
    EXPECT_THAT(only(deny), Not(HasSubstr("\\x")));
    ASSERT_THAT(parse(deny).settings.policy.permissions, SizeIs(1));
    EXPECT_FALSE(parse(deny).settings.policy.permissions[0].allow);
    EXPECT_EQ(parse(deny).settings.policy.permissions[0].protocol, Protocol::Tcp);
}

TEST(ConfigurationParser, NotesBitsOfAHostInANetwork) {
    EXPECT_EQ(only("allow 80 192.168.77.11/24 80"),
              "f:1: notice: 192.168.77.11/24 means all of 192.168.77.0/24; that host alone is "
              "192.168.77.11");
    EXPECT_THAT(only("allow 80 192.168.77.11/255.255.255.0 80"), HasSubstr("192.168.77.0/24"));
    EXPECT_THAT(only("deny 80 2001:db8::5/64 80"),
                HasSubstr("2001:db8::5/64 means all of 2001:db8::/64; that host alone is "
                          "2001:db8::5"));
    EXPECT_THAT(only("allow_third_party = 192.168.1.2/24"), HasSubstr("means all of"));
    EXPECT_THAT(parse("allow 80 192.168.77.11 80\nallow 81 192.168.77.0/24 81").diagnostics,
                IsEmpty());
}

TEST(ConfigurationParser, RefusesMappingsOfPortsThatThereAreNot) {
    EXPECT_EQ(only("mapping = udp 4000 192.168.1.9\nmapping = udp 5060 192.168.1.9\n"
                   "external_ports = 4000-4015"),
              "f:2: error: mapping: external port 5060 is not one of external_ports (line 3)");
}

TEST(ConfigurationParser, NotesTwoMappingsOfOnePort) {
    EXPECT_EQ(only("mapping = udp 5060 192.168.1.9\nmapping = tcp 5060 192.168.1.9\n"
                   "mapping = udp 5060 192.168.1.8"),
              "f:3: notice: udp 5060 is mapped by line 1 already: this line counts");
    EXPECT_THAT(parse("mapping = udp 5060 192.168.1.9\nmapping = none").diagnostics, IsEmpty());
}

TEST(ConfigurationParser, NotesKeysThatContradictEachOther) {
    EXPECT_EQ(only("port_control = none\nupnp = no\n\n"),
              "f:2: warning: upnp = no and port_control = none: clients are served by no protocol");
    EXPECT_THAT(only("pcp_lease_max = 60"),
                HasSubstr("f:1: error: pcp_lease_min = 120 is more than pcp_lease_max = 60"));
    EXPECT_THAT(only("lease_min = 5\nlease_max = 4"), HasSubstr("f:2: error: lease_min = 5"));
    EXPECT_THAT(only("insert_forward_rules = no\nforward_chain_name = UPnP"),
                HasSubstr("f:2: notice: forward_chain_name has no effect with"));
    EXPECT_THAT(only("firewall_backend = nft\nprerouting_chain_name = UPnP"),
                HasSubstr("f:2: notice: prerouting_chain_name has no effect"));
}

TEST(ConfigurationParser, ReportsEveryErrorOfAFile) {
    const auto parsed =
        parse("alow_third_party = yes\nduration = soon\n\nlistenport = 70000\nduration = 5\n");
    const auto at = [](std::size_t line, const char* text) {
        return AllOf(Field(&Diagnostic::line, line), Field(&Diagnostic::severity, Severity::Error),
                     Field(&Diagnostic::text, HasSubstr(text)));
    };
    EXPECT_THAT(
        parsed.diagnostics,
        ElementsAre(at(1, "unknown key \"alow_third_party\": did you mean allow_third_party?"),
                    at(2, "duration = \"soon\": expected 0, seconds, HH:MM"),
                    at(4, "listenport = \"70000\": expected a port of 1 to 65535")));
}

TEST(ConfigurationParser, RefusesWhatIsNoSetting) {
    EXPECT_THAT(only("= 5"), HasSubstr("expected \"key = value\""));
    EXPECT_THAT(only("key-with-dash = 5"), HasSubstr("expected \"key = value\""));
    EXPECT_THAT(only("duration 5"), HasSubstr("no \"=\" behind duration"));
    EXPECT_THAT(only("friendly_name = \"x"), HasSubstr("no closing quote"));
    EXPECT_THAT(only("friendly_name = \"x\" y"), HasSubstr("behind the closing quote"));
    EXPECT_THAT(only("xduration = 5"), HasSubstr("unknown key"));  // linux-igd took it for duration
    EXPECT_THAT(only("friendly_name = a\x01z"), HasSubstr("control characters"));
    EXPECT_THAT(only(std::string_view{"duration = 5\0x", 14}), HasSubstr("control characters"));
    EXPECT_THAT(only("friendly_name = " + std::string(2000, 'x')),
                HasSubstr("expected at most 1024"));
    EXPECT_THAT(only("external_interface = eth0/1"),
                HasSubstr("expected the name of a network interface"));
    EXPECT_THAT(only("internal_interface ="),
                HasSubstr("expected the name of a network interface"));
}

TEST(ConfigurationParser, DiagnosticsAreOneLineWhateverTheFileHolds) {
    for (const auto& diagnostic : parse("a\x1b[31m = 1\nb\"\\ = 2\n\xff\xfe = 3\n").diagnostics)
        for (const char c : toString(diagnostic)) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(ConfigurationParser, WarnsOfAPartAboveItsWhole) {
    EXPECT_THAT(
        only("mappings_per_client = 5000"),
        HasSubstr("f: warning: mappings_per_client = 5000 is more than mappings_total = 1024"));
}

TEST(ConfigurationParser, WarnsOfTheUuidThatAllShared) {
    EXPECT_THAT(only("uuid = 75802409-bccb-40e7-8e6c-fa095ecce13e"),
                HasSubstr("warning: every linux-igd had this uuid"));
}

TEST(ConfigurationParser, StunNeedsItsServer) {
    EXPECT_EQ(only("\nexternal_address = stun\n\n"),
              "f:2: error: external_address = stun: expected stun_server = HOST[:PORT] as well");
    EXPECT_EQ(only("\n\nstun_server = stun.example"),
              "f:3: notice: stun_server has no effect without external_address = stun");
    EXPECT_THAT(only("stun_server = stun.example\nexternal_address = 80.1.2.3"),
                HasSubstr("f:1: notice: "));
    const auto parsed = parse("stun_server = stun.example:19302\nexternal_address = STUN\n");
    EXPECT_THAT(parsed.diagnostics, IsEmpty());
    EXPECT_EQ(parsed.settings.externalAddress,
              (ExternalAddressSetting{
                  ExternalAddressSetting::From::Stun, {}, {"stun.example", Port{19302}}}));
}

TEST(ConfigurationParser, WarnsOfAnExternalAddressThatNobodyReaches) {
    EXPECT_EQ(only("external_address = 100.71.3.4"),
              "f:1: warning: no host of the Internet reaches 100.71.3.4 (carrier NAT)");
    EXPECT_THAT(only("ext_ip = 192.168.1.1"), HasSubstr("f:1: warning: no host of the Internet"));
    EXPECT_THAT(only("external_address = 239.1.2.3"),
                HasSubstr("f:1: error: external_address = \"239.1.2.3\": expected auto, the IPv4 "
                          "address of a host"));
    EXPECT_THAT(parse("external_address = 80.1.2.3").diagnostics, IsEmpty());
}

TEST(ConfigurationParser, TakesMiniupnpdsWordsForTheExternalAddress) {
    using From = ExternalAddressSetting::From;
    for (const char* text :
         {"ext_perform_stun=yes\next_stun_host=stun.example\next_stun_port=3479",
          "ext_stun_port=3479\next_stun_host=stun.example\next_perform_stun=allow-filtered"}) {
        const auto parsed = parse(text);
        EXPECT_THAT(parsed.diagnostics, IsEmpty()) << text;
        EXPECT_EQ(parsed.settings.externalAddress,
                  (ExternalAddressSetting{From::Stun, {}, {"stun.example", Port{3479}}}))
            << text;
    }
    const auto fixed = parse("ext_ip=80.1.2.3\next_perform_stun=no");
    EXPECT_THAT(fixed.diagnostics, IsEmpty());
    EXPECT_EQ(fixed.settings.externalAddress.from, From::Configured);
    EXPECT_THAT(only("ext_ip=80.1.2.3\nexternal_address = 80.1.2.4"),
                HasSubstr("f:2: notice: external_address was set"));
    EXPECT_THAT(only("ext_perform_stun=yes"),
                HasSubstr("f:1: error: external_address = stun: expected stun_server"));
    EXPECT_THAT(only("ext_perform_stun=maybe"),
                HasSubstr("f:1: error: ext_perform_stun = \"maybe\""));
    EXPECT_THAT(only("ext_stun_port=0"),
                HasSubstr("f:1: error: ext_stun_port = \"0\": expected a port"));
    EXPECT_THAT(only("ext_stun_host=1.2"), HasSubstr("f:1: error: ext_stun_host = \"1.2\""));
}

TEST(Configuration, PutsHostNameAndVersionIntoTheIdentity) {
    Configuration configuration{Settings{}, *InterfaceName::parse("ppp0"), {}};
    configuration.identity.serialNumber = "100%% %h%";
    const auto identity = configuration.identityOn("attic");
    EXPECT_EQ(identity.friendlyName, "attic router");
    EXPECT_EQ(identity.modelNumber, UPNPD_VERSION);
    EXPECT_EQ(identity.serialNumber, "100% attic%");
}

}  // namespace
}  // namespace igd
