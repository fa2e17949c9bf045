// SPDX-License-Identifier: GPL-2.0-or-later
// A filter works on any socket: here on one end of a pair, to which the test sends what the kernel
// would.
#include "nft/sender_filter.h"

#include "upnpd/util/unique_fd.h"

#include <gmock/gmock.h>

#include <array>
#include <cstring>
#include <string>
#include <system_error>

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace igd::firewall {
namespace {

using testing::Contains;
using testing::ElementsAre;

class SenderFilter : public testing::Test {
protected:
    void SetUp() override {
        std::array<int, 2> ends{};
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends.data()), 0);
        kernel_.reset(ends[0]);
        ours_.reset(ends[1]);
    }

    /// Returns the ports from which something arrives when all of `ports` have sent.
    std::vector<std::uint32_t> arrivingFrom(std::initializer_list<std::uint32_t> ports) {
        for (const std::uint32_t port : ports) {
            nlmsghdr header{};
            header.nlmsg_pid = port;
            EXPECT_EQ(::send(kernel_.get(), &header, sizeof header, 0), ssize_t{sizeof header});
        }
        std::vector<std::uint32_t> arrived;
        for (nlmsghdr header{}; ::recv(ours_.get(), &header, sizeof header, 0) > 0;)
            arrived.push_back(header.nlmsg_pid);
        return arrived;
    }

    UniqueFd kernel_;
    UniqueFd ours_;
};

TEST_F(SenderFilter, KeepsAwayWhatTheNamedPortsHaveSent) {
    EXPECT_THAT(arrivingFrom({7, 8}), ElementsAre(7, 8));
    dropMessagesFrom({8, 0xfffff001}, ours_.get());
    EXPECT_THAT(arrivingFrom({7, 8, 0xfffff000, 0xfffff001, 0}), ElementsAre(7, 0xfffff000, 0));
}

TEST_F(SenderFilter, LetsAllPassWhenNoPortIsNamed) {
    dropMessagesFrom({}, ours_.get());
    EXPECT_THAT(arrivingFrom({7, 8}), ElementsAre(7, 8));
}

/// The announcement of an element in that table, by a socket with that port.
std::string element(int message, const std::string& table, std::uint32_t port = 7) {
    std::string octets(NLMSG_HDRLEN + sizeof(nfgenmsg), '\0');
    const nlattr attribute{static_cast<std::uint16_t>(NLA_HDRLEN + table.size() + 1),
                           NFTA_SET_ELEM_LIST_TABLE};
    octets.append(reinterpret_cast<const char*>(&attribute), sizeof attribute);
    octets.append(table.c_str(), table.size() + 1);
    octets.resize(NLMSG_ALIGN(octets.size()));
    nlmsghdr header{};
    header.nlmsg_len = static_cast<std::uint32_t>(octets.size());
    header.nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message);
    header.nlmsg_pid = port;
    std::memcpy(octets.data(), &header, sizeof header);
    return octets;
}

TEST_F(SenderFilter, KeepsElementsOfOthersAway) {
    dropMessagesFrom({8}, ours_.get(), std::set<std::string>{"upnpd", "zones"});
    const auto arrives = [&](const std::string& octets) {
        EXPECT_EQ(::send(kernel_.get(), octets.data(), octets.size(), 0),
                  static_cast<ssize_t>(octets.size()));
        std::array<char, 4096> buffer{};
        return ::recv(ours_.get(), buffer.data(), buffer.size(), 0) > 0;
    };
    for (const int message : {NFT_MSG_NEWSETELEM, NFT_MSG_DELSETELEM}) {
        EXPECT_FALSE(arrives(element(message, "f2b-table")));
        EXPECT_FALSE(arrives(element(message, "upnp")));
        EXPECT_FALSE(arrives(element(message, "upnpd2")));
        EXPECT_FALSE(arrives(element(message, std::string(300, 'x'))));
        EXPECT_TRUE(arrives(element(message, "upnpd")));
        EXPECT_TRUE(arrives(element(message, "zones")));
        // Something else may stand behind the first of several.
        EXPECT_TRUE(arrives(element(message, "f2b-table") + element(message, "f2b-table")));
    }
    EXPECT_TRUE(arrives(element(NFT_MSG_NEWRULE, "f2b-table")));
    EXPECT_FALSE(arrives(element(NFT_MSG_NEWGEN, "")));
    EXPECT_FALSE(arrives(element(NFT_MSG_NEWRULE, "f2b-table", 8)));
}

TEST_F(SenderFilter, TakesThePlaceOfTheOneBefore) {
    dropMessagesFrom({7}, ours_.get());
    dropMessagesFrom({8}, ours_.get());
    EXPECT_THAT(arrivingFrom({7, 8}), ElementsAre(7));
}

TEST_F(SenderFilter, CannotBeHadWithoutASocket) {
    EXPECT_THROW(dropMessagesFrom({7}, -1), std::system_error);
}

TEST(PortsOfThisProcess, AreThoseOfItsNetlinkSockets) {
    const UniqueFd socket{::socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)};
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_pid = 0x12345;
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_THAT(portsOfThisProcess(), Contains(0x12345));
    EXPECT_THAT(portsOfThisProcess(), Contains(static_cast<std::uint32_t>(::getpid())));
}

}  // namespace
}  // namespace igd::firewall
