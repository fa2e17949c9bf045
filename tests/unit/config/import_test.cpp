// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/import.h"

#include "temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A router whose lan0 has 192.168.2.3.
HostFacts router() {
    HostInterface lan{.name = *InterfaceName::parse("lan0"), .leads = std::nullopt};
    lan.addresses = {*parseIpv4Prefix("192.168.2.3/24")};
    return {.interfaces = {lan}};
}

std::string import(std::string_view text) {
    return importConfiguration(text, "f", router()).text;
}

TEST(Import, NamesEachLineAndPutsItIntoTheNamesOfToday) {
    EXPECT_EQ(import("# old\next_ifname=ppp0\nlistening_ip=192.168.2.3/24\nport=5000\n"
                     "enable_natpmp=yes\nsystem_uptime=yes\n"
                     "allow 1024-65535 192.168.2.7/255.255.255.0 1024-65535 # lan\n"),
              "# Made by upnpd --import from f.\n"
              "\n# 2: ext_ifname=ppp0\nexternal_interface = ppp0\n"
              "\n# 3: listening_ip=192.168.2.3/24\ninternal_interface = lan0\n"
              "\n# 4: port=5000\nlistenport = 5000\n"
              "\n# 5: enable_natpmp=yes\nport_control = yes\n"
              "\n# 6: system_uptime=yes\n"
              "#    system_uptime has no effect: uptime is that of the connection, as the standard "
              "has it\n"
              "\n# 7: allow 1024-65535 192.168.2.7/255.255.255.0 1024-65535 # lan\n"
              "#    192.168.2.7/24 means all of 192.168.2.0/24; that host alone is 192.168.2.7\n"
              "allow 1024-65535 192.168.2.0/24 1024-65535\n");
}

TEST(Import, LeavesOutWhatCannotBeUsed) {
    const auto text = import(
        "ext_ifname=wan0\nlistening_ip=10.9.9.1\nport=x\n"
        "allow 80 any 80 \".*\"\nuuid=nocli\npresentation_url=\n"
        "friendly_name=\n");
    EXPECT_THAT(text, HasSubstr("10.9.9.1/32 yet; it is waited for\n#internal_interface = NAME\n"));
    EXPECT_THAT(text, Not(HasSubstr("listenport")));
    EXPECT_THAT(text, Not(HasSubstr("\nallow")));
    EXPECT_THAT(text, HasSubstr("\nuuid = auto\n"));
    EXPECT_THAT(text, HasSubstr("\npresentation_url = none\n"));
    EXPECT_THAT(text, Not(HasSubstr("\nfriendly_name")));
    EXPECT_THAT(text, HasSubstr("#port_control = none"));
    EXPECT_THAT(text, HasSubstr("#allow 0-65535 any 0-65535"));
}

TEST(Import, JoinsAStunServer) {
    const auto text =
        import("ext_perform_stun=yes\next_stun_port=3479\next_stun_host=stun.example\n");
    EXPECT_THAT(text, HasSubstr("\nexternal_address = stun\n"));
    EXPECT_THAT(text, HasSubstr("\nstun_server = stun.example:3479\n"));
    EXPECT_TRUE(parseConfiguration(text, "g").ok());
}

TEST(Import, ReadsFilesOfLinuxIgd) {
    const auto text = import(
        "create_forward_rules = yes\nuprate 131072\n"
        "iptables_location = \"/sbin/iptables\"\nduration = 0;\n"
        "friendly_name = \"a # b\"\n");
    EXPECT_THAT(text, HasSubstr("\ninsert_forward_rules = yes\n"));
    EXPECT_THAT(text, HasSubstr("\nupstream_bitrate = 131072\n"));
    EXPECT_THAT(text, HasSubstr("\nduration = 0\n"));
    EXPECT_THAT(text, HasSubstr("\nfriendly_name = \"a # b\"\n"));
    EXPECT_THAT(text, Not(HasSubstr("\niptables_location")));
    EXPECT_THAT(text, Not(HasSubstr("port_control")));
    EXPECT_THAT(import("EXTIFACE=ppp0\nINTIFACE=eth0\n"),
                HasSubstr("\n# 1: EXTIFACE=ppp0\nexternal_interface = ppp0\n"));
}

TEST(Import, MeansWhatTheOriginalMeant) {
    constexpr const char* kText =
        "ext_ifname=wan0\nlistening_ip=lan0\nsecure_mode=no\nmin_lifetime=600\n"
        "pcp_allow_thirdparty=yes\nforce_igd_desc_v1=yes\nipv6_disable=yes\nbitrate_up=1\n"
        "lease_file=/run/x\nlease_file6=/run/x6\nserial=7\nmodel_number=;x\n"
        "deny 1-65535 2001:db8::1/64 1-65535 udp\nallow 80 mac:00:11:32:aa:bb:cc 80\n";
    const auto before = parseConfiguration(kText, "f");
    const auto after = parseConfiguration(import(kText), "f");
    ASSERT_TRUE(after.ok());
    const auto& old = before.settings;
    const auto& now = after.settings;
    EXPECT_EQ(now.policy.thirdParties, old.policy.thirdParties);
    EXPECT_EQ(now.policy.pcpMinLease, old.policy.pcpMinLease);
    EXPECT_EQ(now.identity.profile.version, old.identity.profile.version);
    EXPECT_EQ(now.identity.modelNumber, old.identity.modelNumber);
    EXPECT_EQ(now.identity.serialNumber, "7");
    EXPECT_EQ(now.pinholes, old.pinholes);
    EXPECT_EQ(now.upstreamBitRate, old.upstreamBitRate);
    EXPECT_EQ(now.leaseFile, old.leaseFile);
    EXPECT_EQ(now.takenOverPinholes, old.takenOverPinholes);
    ASSERT_EQ(now.policy.permissions.size(), 2U);
    EXPECT_EQ(now.policy.permissions[0].protocol, Protocol::Udp);
    EXPECT_EQ(now.policy.permissions[1].client, old.policy.permissions[1].client);
}

TEST(Import, SaysWhatAFileIsInstead) {
    const TemporaryFolder folder;
    const auto path = (folder / "leases").string();
    EXPECT_THAT(importFile(path, {}).error(), HasSubstr("leases: No such file or directory"));
    std::ofstream{path} << "TCP:80:192.168.1.10:80:0:x\n";
    EXPECT_THAT(importFile(path, {}).error(), HasSubstr("holds leases of miniupnpd"));
    std::ofstream{path} << "port=5000\n";
    EXPECT_THAT(importFile(path, {})->text, HasSubstr("listenport = 5000"));
}

}  // namespace
}  // namespace igd
