// SPDX-License-Identifier: GPL-2.0-or-later
#include "port_holders.h"

#include "temporary_folder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include <arpa/inet.h>

namespace igd::ctl {
namespace {

namespace fs = std::filesystem;

constexpr Ipv4Address kOwn{0xc0a83201};  // 192.168.50.1

/// Returns 32 bits of an address as the kernel writes them: as a number in the host's order.
std::string word(std::uint32_t bits) {
    return fmt::format("{:08X}", htonl(bits));
}

const std::string kOwnWord = word(kOwn.value());

/// A /proc by hand.
class PortHoldersTest : public testing::Test {
protected:
    void SetUp() override { fs::create_directories(folder_ / "net"); }
    void table(const std::string& name, const std::string& lines) {
        std::ofstream{folder_ / ("net/" + name)} << "  sl  local_address rem_address   st ...\n"
                                                 << lines;
    }
    void process(const std::string& pid, const std::string& name, const std::string& link) {
        fs::create_directories(folder_ / (pid + "/fd"));
        std::ofstream{folder_ / (pid + "/comm")} << name << "\n";
        fs::create_symlink("/dev/null", folder_ / (pid + "/fd/0"));
        fs::create_symlink(link, folder_ / (pid + "/fd/3"));
    }
    std::string holders(const SocketName& name) { return holdersOf(name, folder_ / ""); }

    TemporaryFolder folder_;
};

std::string line(const std::string& local, const std::string& state, const std::string& inode) {
    return "  12: " + local + " 00000000:0000 " + state +
           " 00000000:00000000 00:00000000 00000000     0        0 " + inode + " 2 0 0\n";
}

TEST_F(PortHoldersTest, NameWhoHasThePort) {
    table("udp", line(kOwnWord + ":076C", "07", "71") + line("00000000:14E7", "07", "72"));
    process("812", "miniupnpd", "socket:[71]");
    process("813", "other", "socket:[99]");
    EXPECT_EQ(holders({false, {kOwn, Port{1900}}}), "miniupnpd (pid 812)");
    EXPECT_EQ(holders({false, {kOwn, Port{5351}}}), "");  // nobody is seen that has it
    EXPECT_EQ(holders({true, {kOwn, Port{1900}}}), "");
    process("814", "natpmpd", "socket:[72]");
    EXPECT_EQ(holders({false, {kOwn, Port{5351}}}), "natpmpd (pid 814)");
}

TEST_F(PortHoldersTest, LeaveOurselvesOut) {
    table("udp", line("00000000:14E7", "07", "71") + line("00000000:14E7", "07", "72"));
    process("100", "upnpd", "socket:[71]");
    process("101", "natpmpd", "socket:[72]");
    EXPECT_EQ(holders({false, {kOwn, Port{5351}}}), "natpmpd (pid 101)");
}

TEST_F(PortHoldersTest, KnowWhichAddressesCollide) {
    const std::string any6(32, '0');
    const std::string group = word(0xff020000) + word(0) + word(0) + word(0x0c);
    table("udp6", line(any6 + ":076C", "07", "71"));
    process("812", "any", "socket:[71]");
    EXPECT_EQ(holders({false, {*parseIpv6Address("ff02::c"), Port{1900}}}), "any (pid 812)");
    EXPECT_EQ(holders({false, {kOwn, Port{1900}}}), "any (pid 812)");
    table("udp6", line(group + ":076C", "07", "71"));
    EXPECT_EQ(holders({false, {*parseIpv6Address("ff02::c"), Port{1900}}}), "any (pid 812)");
    EXPECT_EQ(holders({false, {*parseIpv6Address("fe80::1"), Port{1900}}}), "");
    EXPECT_EQ(holders({false, {kOwn, Port{1900}}}), "");
}

TEST_F(PortHoldersTest, OfTcpOnlyWhatListens) {
    table("tcp", line(kOwnWord + ":C000", "01", "71") + line(kOwnWord + ":C000", "0A", "72"));
    process("812", "client", "socket:[71]");
    EXPECT_EQ(holders({true, {kOwn, Port{49152}}}), "");
    process("813", "server", "socket:[72]");
    EXPECT_EQ(holders({true, {kOwn, Port{49152}}}), "server (pid 813)");
}

TEST_F(PortHoldersTest, TellWhetherWeListenThere) {
    const SocketName ours{false, {kOwn, Port{5351}}};
    const auto listener = [&] { return listenerOf(ours, folder_ / ""); };
    EXPECT_EQ(listener(), Listener::Nobody);
    table("udp", line("00000000:14E7", "07", "70"));
    process("811", "dnsmasq", "socket:[70]");
    EXPECT_EQ(listener(), Listener::Nobody) << "on any address is not on that one";
    table("udp", line(kOwnWord + ":14E7", "07", "71"));
    EXPECT_EQ(listener(), Listener::NotSeen);
    process("812", "natpmpd", "socket:[71]");
    EXPECT_EQ(listener(), Listener::Other);
    process("813", "upnpd", "socket:[71]");
    EXPECT_EQ(listener(), Listener::Us);
}

TEST_F(PortHoldersTest, ReadNonsenseAsNothing) {
    table("udp", "x\n\n  1: " + kOwnWord +
                     "\n  1: zz:zz 0 07 0 0 0 0 0 71\n  1: 01:076C 0 07 0 0 0 0 0 71\n");
    EXPECT_EQ(holders({false, {kOwn, Port{1900}}}), "");
}

}  // namespace
}  // namespace igd::ctl
