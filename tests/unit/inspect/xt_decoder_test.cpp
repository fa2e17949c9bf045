// SPDX-License-Identifier: GPL-2.0-or-later
// Matches of x_tables, by the kernel's structures.
#include "upnpd/inspect/xt_decoder.h"

#include "match.h"
#include "octets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include <arpa/inet.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_connlimit.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_hashlimit.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_owner.h>
#include <linux/netfilter/xt_physdev.h>
#include <linux/netfilter/xt_policy.h>
#include <linux/netfilter/xt_quota.h>
#include <linux/netfilter/xt_recent.h>
#include <linux/netfilter/xt_rpfilter.h>
#include <linux/netfilter/xt_set.h>
#include <linux/netfilter/xt_state.h>
#include <linux/netfilter/xt_tcpudp.h>

namespace igd::inspect {
namespace {

using test::octetsOf;

/// From the Internet to a client's port 5000, first packet, translated from port 40001.
Packet aPacket() {
    Packet packet;
    packet.in = "wan0";
    packet.out = "br-lan";
    packet.protocol = Protocol::Tcp;
    packet.source = packet.originalSource = {Ipv4Address{0x50646409}, Port{50000}};
    packet.destination = {Ipv4Address{0xc0a8320a}, Port{5000}};
    packet.originalDestination = {Ipv4Address{0x50646401}, Port{40001}};
    packet.translated = true;
    return packet;
}

Packet established() {
    Packet packet = aPacket();
    packet.fresh = false;
    return packet;
}

Truth fits(const Packet& packet, std::string_view name, std::uint8_t revision,
           std::span<const std::byte> info) {
    std::vector<Step> steps;
    decodeXtMatch(steps, name, revision, info, packet.isIpv6());
    Truth truth = Truth::Yes;
    for (const Step& step : steps) {
        const Truth one = matches(packet, step);
        if (one == Truth::No) return one;
        if (one == Truth::Unknown) truth = one;
    }
    return truth;
}

template <class Info>
Truth fits(const Packet& packet, std::string_view name, std::uint8_t revision, const Info& info) {
    return fits(packet, name, revision, std::span<const std::byte>{octetsOf(info)});
}

xt_tcp anyTcp() {
    xt_tcp info{};
    info.spts[1] = info.dpts[1] = 0xffff;
    return info;
}

TEST(XtDecoder, TcpWithoutConditionsFitsAnyPacket) {
    std::vector<Step> steps;
    decodeXtMatch(steps, "tcp", 0, octetsOf(anyTcp()), false);
    EXPECT_TRUE(steps.empty());
}

TEST(XtDecoder, TcpPorts) {
    xt_tcp info = anyTcp();
    info.dpts[0] = 4000;
    info.dpts[1] = 5000;
    EXPECT_EQ(fits(aPacket(), "tcp", 0, info), Truth::Yes);
    info.invflags = XT_TCP_INV_DSTPT;
    EXPECT_EQ(fits(aPacket(), "tcp", 0, info), Truth::No);
    info.invflags = XT_TCP_INV_SRCPT;
    EXPECT_EQ(fits(aPacket(), "tcp", 0, info), Truth::No) << "no port is outside 0-65535";
    info.invflags = 0;
    info.dpts[1] = 4999;
    EXPECT_EQ(fits(aPacket(), "tcp", 0, info), Truth::No);
}

TEST(XtDecoder, TcpFlags) {
    xt_tcp info = anyTcp();
    info.flg_mask = 0x17;  // FIN, SYN, RST, ACK
    info.flg_cmp = 2;
    EXPECT_EQ(fits(aPacket(), "tcp", 0, info), Truth::Yes);
    EXPECT_EQ(fits(established(), "tcp", 0, info), Truth::No);
    info.invflags = XT_TCP_INV_FLAGS;
    EXPECT_EQ(fits(aPacket(), "tcp", 0, info), Truth::No);
    EXPECT_EQ(fits(established(), "tcp", 0, info), Truth::Yes);
}

TEST(XtDecoder, TcpOptionsAreNotKnown) {
    xt_tcp info = anyTcp();
    info.option = 2;
    EXPECT_EQ(fits(aPacket(), "tcp", 0, info), Truth::Unknown);
}

TEST(XtDecoder, UdpPorts) {
    xt_udp info{};
    info.spts[1] = 0xffff;
    info.dpts[0] = info.dpts[1] = 5000;
    EXPECT_EQ(fits(aPacket(), "udp", 0, info), Truth::Yes);
    info.invflags = XT_UDP_INV_DSTPT;
    EXPECT_EQ(fits(aPacket(), "udp", 0, info), Truth::No);
}

TEST(XtDecoder, MultiportHasPortsAndRanges) {
    xt_multiport_v1 info{};
    info.flags = XT_MULTIPORT_DESTINATION;
    info.count = 3;
    info.ports[0] = 80;
    info.ports[1] = 4900;
    info.pflags[1] = 1;
    info.ports[2] = 5001;
    EXPECT_EQ(fits(aPacket(), "multiport", 1, info), Truth::Yes);
    info.invert = 1;
    EXPECT_EQ(fits(aPacket(), "multiport", 1, info), Truth::No);
    info.invert = 0;
    info.ports[2] = 4999;
    EXPECT_EQ(fits(aPacket(), "multiport", 1, info), Truth::No);
}

TEST(XtDecoder, MultiportOfEitherSide) {
    xt_multiport_v1 info{};
    info.flags = XT_MULTIPORT_EITHER;
    info.count = 1;
    info.ports[0] = 50000;
    EXPECT_EQ(fits(aPacket(), "multiport", 1, info), Truth::Yes);
    info.ports[0] = 5000;
    EXPECT_EQ(fits(aPacket(), "multiport", 1, info), Truth::Yes);
    info.ports[0] = 5001;
    EXPECT_EQ(fits(aPacket(), "multiport", 1, info), Truth::No);
    info.count = 200;
    EXPECT_EQ(fits(aPacket(), "multiport", 1, info), Truth::Unknown) << "more ports than it holds";
}

xt_conntrack_mtinfo3 states(std::uint16_t mask, bool inverted = false) {
    xt_conntrack_mtinfo3 info{};
    info.match_flags = XT_CONNTRACK_STATE;
    info.invert_flags = inverted ? XT_CONNTRACK_STATE : 0;
    info.state_mask = mask;
    return info;
}
constexpr std::uint16_t kNewState = 8, kEstablishedState = 2, kInvalidState = 1;

TEST(XtDecoder, ConntrackStates) {
    EXPECT_EQ(fits(aPacket(), "conntrack", 3, states(kNewState)), Truth::Yes);
    EXPECT_EQ(fits(established(), "conntrack", 3, states(kNewState)), Truth::No);
    EXPECT_EQ(fits(established(), "conntrack", 3, states(kNewState | kEstablishedState)),
              Truth::Yes);
    EXPECT_EQ(fits(aPacket(), "conntrack", 3, states(kInvalidState)), Truth::No);
    EXPECT_EQ(fits(aPacket(), "conntrack", 3, states(kInvalidState, true)), Truth::Yes);
}

TEST(XtDecoder, ConntrackTakesTranslationsForStates) {
    Packet plain = aPacket();
    plain.translated = false;
    EXPECT_EQ(fits(aPacket(), "conntrack", 3, states(XT_CONNTRACK_STATE_DNAT)), Truth::Yes);
    EXPECT_EQ(fits(plain, "conntrack", 3, states(XT_CONNTRACK_STATE_DNAT)), Truth::No);
    const auto either = states(XT_CONNTRACK_STATE_DNAT | kEstablishedState);
    EXPECT_EQ(fits(aPacket(), "conntrack", 3, either), Truth::Yes);
    EXPECT_EQ(fits(plain, "conntrack", 3, either), Truth::No);
    EXPECT_EQ(fits(plain, "conntrack", 3, states(XT_CONNTRACK_STATE_DNAT | kNewState)), Truth::Yes);
    EXPECT_EQ(fits(plain, "conntrack", 3, states(XT_CONNTRACK_STATE_DNAT | kNewState, true)),
              Truth::No);
}

TEST(XtDecoder, ConntrackKnowsUntrackedPackets) {
    Packet packet = aPacket();
    packet.untracked = true;
    EXPECT_EQ(fits(packet, "conntrack", 3, states(XT_CONNTRACK_STATE_UNTRACKED)), Truth::Yes);
    EXPECT_EQ(fits(packet, "conntrack", 3, states(kNewState | kEstablishedState)), Truth::No);
}

TEST(XtDecoder, ConntrackOriginalEnds) {
    xt_conntrack_mtinfo3 info{};
    info.match_flags = XT_CONNTRACK_ORIGDST | XT_CONNTRACK_ORIGDST_PORT;
    info.origdst_addr.ip = htonl(0x50646400);
    info.origdst_mask.ip = htonl(0xffffff00);
    info.origdst_port = 40000;
    info.origdst_port_high = 40002;
    EXPECT_EQ(fits(aPacket(), "conntrack", 3, info), Truth::Yes);
    info.origdst_port_high = 40000;
    EXPECT_EQ(fits(aPacket(), "conntrack", 3, info), Truth::No);
}

TEST(XtDecoder, ConntrackOfOldRevisions) {
    xt_conntrack_mtinfo1 first{};
    first.match_flags = XT_CONNTRACK_STATE | XT_CONNTRACK_ORIGDST_PORT;
    first.state_mask = kNewState;
    first.origdst_port = htons(40001);
    EXPECT_EQ(fits(aPacket(), "conntrack", 1, first), Truth::Yes);
    EXPECT_EQ(fits(established(), "conntrack", 1, first), Truth::No);
    xt_conntrack_mtinfo2 second{};
    second.match_flags = XT_CONNTRACK_STATE;
    second.state_mask = XT_CONNTRACK_STATE_UNTRACKED;
    EXPECT_EQ(fits(aPacket(), "conntrack", 2, second), Truth::No);
    EXPECT_EQ(fits(aPacket(), "conntrack", 4, second), Truth::Unknown);
}

TEST(XtDecoder, ConntrackDirection) {
    xt_conntrack_mtinfo3 info{};
    info.match_flags = XT_CONNTRACK_DIRECTION;
    Packet answer = established();
    answer.reply = true;
    EXPECT_EQ(fits(aPacket(), "conntrack", 3, info), Truth::Yes);
    EXPECT_EQ(fits(answer, "conntrack", 3, info), Truth::No);
    info.invert_flags = XT_CONNTRACK_DIRECTION;
    EXPECT_EQ(fits(answer, "conntrack", 3, info), Truth::Yes);
}

TEST(XtDecoder, State) {
    EXPECT_EQ(fits(aPacket(), "state", 0, xt_state_info{kNewState}), Truth::Yes);
    EXPECT_EQ(fits(aPacket(), "state", 0, xt_state_info{kEstablishedState}), Truth::No);
}

TEST(XtDecoder, Marks) {
    Packet packet = aPacket();
    packet.mark = 0x00ff0010;
    packet.flowMark = 5;
    EXPECT_EQ(fits(packet, "mark", 1, xt_mark_mtinfo1{0x10, 0xff, 0}), Truth::Yes);
    EXPECT_EQ(fits(packet, "mark", 1, xt_mark_mtinfo1{0x10, 0xff, 1}), Truth::No);
    EXPECT_EQ(fits(packet, "mark", 1, xt_mark_mtinfo1{0x10, 0xffffffff, 0}), Truth::No);
    EXPECT_EQ(fits(packet, "connmark", 1, xt_connmark_mtinfo1{5, 0xffffffff, 0}), Truth::Yes);
    EXPECT_EQ(fits(packet, "connmark", 1, xt_connmark_mtinfo1{4, 0xffffffff, 0}), Truth::No);
}

TEST(XtDecoder, AddressTypes) {
    Packet local = aPacket();
    local.destinationType = rtn::kLocal;
    xt_addrtype_info_v1 info{};
    info.dest = XT_ADDRTYPE_LOCAL | XT_ADDRTYPE_MULTICAST;
    EXPECT_EQ(fits(local, "addrtype", 1, info), Truth::Yes);
    EXPECT_EQ(fits(aPacket(), "addrtype", 1, info), Truth::No);
    info.flags = XT_ADDRTYPE_INVERT_DEST;
    EXPECT_EQ(fits(local, "addrtype", 1, info), Truth::No);
    info.flags = XT_ADDRTYPE_LIMIT_IFACE_IN;
    EXPECT_EQ(fits(local, "addrtype", 1, info), Truth::Unknown);
    xt_addrtype_info old{};
    old.dest = XT_ADDRTYPE_LOCAL;
    old.invert_dest = 1;
    EXPECT_EQ(fits(local, "addrtype", 0, old), Truth::No);
    EXPECT_EQ(fits(aPacket(), "addrtype", 0, old), Truth::Yes);
}

TEST(XtDecoder, RangesOfAddresses) {
    xt_iprange_mtinfo info{};
    info.flags = IPRANGE_DST;
    info.dst_min.ip = htonl(0xc0a83205);
    info.dst_max.ip = htonl(0xc0a8320a);
    EXPECT_EQ(fits(aPacket(), "iprange", 1, info), Truth::Yes);
    info.flags |= IPRANGE_DST_INV;
    EXPECT_EQ(fits(aPacket(), "iprange", 1, info), Truth::No);
    info.flags = IPRANGE_SRC;
    EXPECT_EQ(fits(aPacket(), "iprange", 1, info), Truth::No) << "the source is not 0.0.0.0";
}

TEST(XtDecoder, RangesOfIpv6Addresses) {
    Packet packet = aPacket();
    packet.source = {parseIpv6Address("2a02::9").value(), Port{1}};
    packet.destination = {parseIpv6Address("2a03::9").value(), Port{1}};
    xt_iprange_mtinfo info{};
    info.flags = IPRANGE_SRC;
    ::inet_pton(AF_INET6, "2a02::", &info.src_min);
    ::inet_pton(AF_INET6, "2a02::a", &info.src_max);
    EXPECT_EQ(fits(packet, "iprange", 1, info), Truth::Yes);
    ::inet_pton(AF_INET6, "2a02::8", &info.src_max);
    EXPECT_EQ(fits(packet, "iprange", 1, info), Truth::No);
}

TEST(XtDecoder, RatesAndCountsAreAsAnOrdinaryPacketMeetsThem) {
    EXPECT_EQ(fits(aPacket(), "limit", 0, std::span<const std::byte>{}), Truth::Yes);
    xt_quota_info quota{};
    EXPECT_EQ(fits(aPacket(), "quota", 0, quota), Truth::Yes);
    quota.flags = XT_QUOTA_INVERT;
    EXPECT_EQ(fits(aPacket(), "quota", 0, quota), Truth::No);
    xt_connlimit_info count{};
    EXPECT_EQ(fits(aPacket(), "connlimit", 1, count), Truth::No) << "--connlimit-above";
    count.flags = XT_CONNLIMIT_INVERT;
    EXPECT_EQ(fits(aPacket(), "connlimit", 1, count), Truth::Yes) << "--connlimit-upto";
}

TEST(XtDecoder, HashLimitOfEachRevision) {
    xt_hashlimit_mtinfo1 first{};
    xt_hashlimit_mtinfo2 second{};
    xt_hashlimit_mtinfo3 third{};
    EXPECT_EQ(fits(aPacket(), "hashlimit", 1, first), Truth::Yes) << "--hashlimit-upto";
    first.cfg.mode = second.cfg.mode = third.cfg.mode = XT_HASHLIMIT_INVERT;
    EXPECT_EQ(fits(aPacket(), "hashlimit", 1, first), Truth::No) << "--hashlimit-above";
    EXPECT_EQ(fits(aPacket(), "hashlimit", 2, second), Truth::No);
    EXPECT_EQ(fits(aPacket(), "hashlimit", 3, third), Truth::No);
    EXPECT_EQ(fits(aPacket(), "hashlimit", 3, first), Truth::Unknown) << "too short";
}

TEST(XtDecoder, ListsOfOthersAreNotKnown) {
    xt_recent_mtinfo recent{};
    recent.check_set = XT_RECENT_CHECK;
    EXPECT_EQ(fits(aPacket(), "recent", 0, recent), Truth::Unknown);
    recent.check_set = XT_RECENT_SET;
    EXPECT_EQ(fits(aPacket(), "recent", 0, recent), Truth::Yes);
    xt_set_info_match_v1 set{};
    std::vector<Step> steps;
    decodeXtMatch(steps, "set", 1, octetsOf(set), false);
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_FALSE(std::get<Membership>(steps[0]).inverted);
    set.match_set.flags = IPSET_INV_MATCH;
    steps.clear();
    decodeXtMatch(steps, "set", 1, octetsOf(set), false);
    EXPECT_TRUE(std::get<Membership>(steps.at(0)).inverted);
    EXPECT_EQ(matches(aPacket(), steps[0]), Truth::Unknown);
}

TEST(XtDecoder, OrdinaryPacketsPassByNoIpsecAndNoBridge) {
    xt_policy_info policy{};
    policy.flags = XT_POLICY_MATCH_IN;
    EXPECT_EQ(fits(aPacket(), "policy", 0, policy), Truth::No);
    policy.flags |= XT_POLICY_MATCH_NONE;
    EXPECT_EQ(fits(aPacket(), "policy", 0, policy), Truth::Yes);
    xt_physdev_info bridge{};
    bridge.bitmask = XT_PHYSDEV_OP_BRIDGED;
    EXPECT_EQ(fits(aPacket(), "physdev", 0, bridge), Truth::No);
    bridge.bitmask = XT_PHYSDEV_OP_IN;
    EXPECT_EQ(fits(aPacket(), "physdev", 0, bridge), Truth::Unknown);
    EXPECT_EQ(fits(aPacket(), "rpfilter", 0, xt_rpfilter_info{0}), Truth::Yes);
    EXPECT_EQ(fits(aPacket(), "rpfilter", 0, xt_rpfilter_info{XT_RPFILTER_INVERT}), Truth::No);
    xt_owner_match_info owner{};
    owner.match = XT_OWNER_UID;
    EXPECT_EQ(fits(aPacket(), "owner", 1, owner), Truth::No);
}

TEST(XtDecoder, OtherProtocolsAreNotOurs) {
    for (const char* name : {"icmp", "icmp6", "esp", "ah", "sctp"})
        EXPECT_EQ(fits(aPacket(), name, 0, std::span<const std::byte>{}), Truth::No) << name;
}

TEST(XtDecoder, UnknownOrShortMatchesAreNotKnown) {
    constexpr std::span<const std::byte> none;
    for (const char* name :
         {"geoip",     "u32",      "string",    "time",      "statistic", "mac",      "",
          "tcp",       "udp",      "multiport", "conntrack", "state",     "mark",     "connmark",
          "connlimit", "addrtype", "iprange",   "quota",     "recent",    "set",      "physdev",
          "policy",    "rpfilter", "owner",     "pkttype",   "helper",    "hashlimit"})
        EXPECT_EQ(fits(aPacket(), name, 1, none), Truth::Unknown) << name;
}

TEST(XtDecoder, Comments) {
    const std::string text{"upnpd: new\0tail", 15};
    const auto octets = std::as_bytes(std::span{text});
    EXPECT_EQ(xtComment("comment", octets), "upnpd: new");
    EXPECT_EQ(xtComment("comment", octets.first(5)), "upnpd") << "a text without its end";
    EXPECT_EQ(xtComment("limit", octets), std::nullopt);
    EXPECT_EQ(fits(aPacket(), "comment", 0, octets), Truth::Yes);
}

}  // namespace
}  // namespace igd::inspect
