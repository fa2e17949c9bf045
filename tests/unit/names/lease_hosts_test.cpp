// SPDX-License-Identifier: GPL-2.0-or-later
// Files as the servers write them; the hosts have private addresses and addresses of documentation.
#include "upnpd/names/lease_hosts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const MacAddress kMac{{2, 0, 0, 0, 0, 1}};
const MacAddress kOther{{2, 0, 0, 0, 0, 2}};

NamedHost host(const char* address, std::optional<MacAddress> mac, const char* name) {
    return {parseIpAddress(address).value(), mac, name};
}

TEST(LeaseHosts, AreThoseOfDnsmasq) {
    EXPECT_THAT(hostsIn("1764422400 02:00:00:00:00:01 192.168.1.10 nas 01:02:00:00:00:00:01\n"
                        "1764422400 02:00:00:00:00:02 192.168.1.11 * *\n"
                        "duid 00:01:00:01:2c:00:00:00:02:00:00:00:00:01\n"
                        "1764422400 4097 2001:db8::10 nas 00:01:00:01:2c\n"),
                ElementsAre(host("192.168.1.10", kMac, "nas"), host("192.168.1.11", kOther, ""),
                            host("2001:db8::10", std::nullopt, "nas")));
}

TEST(LeaseHosts, AreThoseOfOdhcpd) {
    EXPECT_THAT(
        hostsIn("# br-lan 020000000001 ipv4 nas 1764422400 c0a8010a 32 192.168.1.10/32\n"
                "192.168.1.10\tnas.lan nas\n"
                "# br-lan 0001000129a0 1 phone 1764422400 c12 128 2001:db8::c12/128 fd00::c12/128\n"
                "# br-lan 0001000129a1 2 router 1764422400 10 56 2001:db8:1::/56\n"),
        ElementsAre(host("192.168.1.10", std::nullopt, "nas.lan"),
                    host("2001:db8::c12", std::nullopt, "phone"),
                    host("fd00::c12", std::nullopt, "phone")));
    EXPECT_THAT(hostsIn("# br-lan 020000000001 ipv4 nas 1764422400 c0a8010a 32 192.168.1.10/32\n"),
                ElementsAre(host("192.168.1.10", kMac, "nas")));
}

TEST(LeaseHosts, AreThoseOfAFileOfHosts) {
    EXPECT_THAT(hostsIn("2001:db8::10 nas.lan\n192.168.1.10 nas\n"),
                ElementsAre(host("192.168.1.10", std::nullopt, "nas"),
                            host("2001:db8::10", std::nullopt, "nas.lan")));
}

TEST(LeaseHosts, AreThoseOfKea) {
    EXPECT_THAT(
        hostsIn("address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,"
                "hostname,state,user_context,pool_id\n"
                "192.168.1.10,02:00:00:00:00:01,,4000,1764422400,1,0,0,old.lan.,0,,0\n"
                "192.168.1.10,02:00:00:00:00:01,,4000,1764426400,1,0,0,nas.lan.,0,,0\n"
                "192.168.1.11,02:00:00:00:00:02,,4000,1764422400,1,0,0,gone,0,,0\n"
                "192.168.1.11,02:00:00:00:00:02,,0,1764422400,1,0,0,gone,2,,0\n"),
        ElementsAre(host("192.168.1.10", kMac, "nas.lan")));
    EXPECT_THAT(
        hostsIn("address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,"
                "prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,"
                "hwaddr_source,pool_id\n"
                "2001:db8::10,00:01,4000,1764422400,1,3000,0,1,128,0,0,nas,02:00:00:00:00:01,0,,1,"
                "0,0\n"
                "2001:db8:1::,00:01,4000,1764422400,1,3000,2,1,56,0,0,router,,0,,1,0,0\n"),
        ElementsAre(host("2001:db8::10", kMac, "nas")));
}

TEST(LeaseHosts, AreThoseOfNetworkd) {
    EXPECT_THAT(
        hostsIn(R"({"BootID":"0","Address":[192,168,1,1],"PrefixLength":24,"Leases":[
            {"ClientId":[1,2,0,0,0,0,1],"Address":[192,168,1,10],"Hostname":"nas",
             "ExpirationUSec":1},
            {"ClientId":[255,1,2,3,4,0,1],"Address":[192,168,1,11],"Hostname":"phone",
             "HardwareAddress":[2,0,0,0,0,2]},
            {"ClientId":[255,1,2],"Address":[192,168,1,12],"Hostname":"console"},
            {"Address":[192,168,1]},{"Address":[192,168,1,300]},7,null]})"),
        ElementsAre(host("192.168.1.10", kMac, "nas"), host("192.168.1.11", kOther, "phone"),
                    host("192.168.1.12", std::nullopt, "console")));
}

TEST(LeaseHosts, AreThoseOfDhcpd) {
    EXPECT_THAT(hostsIn("# The format of this file is documented in the dhcpd.leases(5) manual\n"
                        "lease 192.168.1.10 {\n  starts 4 2026/11/26 10:00:00;\n"
                        "  binding state active;\n  next binding state free;\n"
                        "  hardware ethernet 02:00:00:00:00:01;\n"
                        "  client-hostname \"nas\";\n}\n"
                        "lease 192.168.1.11 {\n  binding state active;\n"
                        "  hardware ethernet 02:00:00:00:00:02;\n}\n"
                        "lease 192.168.1.12 {\n  binding state active;\n"
                        "  client-hostname \"gone\";\n}\n"
                        "lease 192.168.1.12 {\n  binding state free;\n}\n"),
                ElementsAre(host("192.168.1.10", kMac, "nas"), host("192.168.1.11", kOther, "")));
}

TEST(LeaseHosts, AreNobodyInWhatIsNoLeaseFile) {
    for (const char* const text :
         {"", "\n\n", "{", "{}", R"({"Leases":{}})", "address,", "address,hwaddr\n,\n\n",
          "lease x {\n}\n", "lease 192.168.1.10 {\n  client-hostname \"nas", "# a b c", "1 2 3 4",
          "\xff\xfe\x00"})
        EXPECT_THAT(hostsIn(text), IsEmpty()) << text;
}

TEST(LeaseHosts, AreBounded) {
    std::string file;
    for (int i = 0; i < 10'000; ++i)
        file += "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250) + " x\n";
    EXPECT_THAT(hostsIn(file), SizeIs(kMaxNamedHosts));
}

}  // namespace
}  // namespace igd
