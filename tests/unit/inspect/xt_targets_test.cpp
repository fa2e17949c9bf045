// SPDX-License-Identifier: GPL-2.0-or-later
// Targets of x_tables, by the kernel's structures.
#include "octets.h"

#include "upnpd/inspect/xt_decoder.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>

namespace igd::inspect {
namespace {

using test::octetsOf;

std::vector<Step> targetOf(std::string_view name, std::uint8_t revision,
                           std::span<const std::byte> info, bool ipv6 = false) {
    std::vector<Step> steps;
    decodeXtTarget(steps, name, revision, info, ipv6);
    return steps;
}

template <class Alternative>
Alternative only(const std::vector<Step>& steps) {
    EXPECT_EQ(steps.size(), 1U);
    return std::get<Alternative>(steps.at(0));
}

TEST(XtTargets, DropAndReject) {
    EXPECT_EQ(only<Verdict>(targetOf("REJECT", 0, {})).ending, Ending::Drop);
    EXPECT_EQ(only<Verdict>(targetOf("TARPIT", 0, {})).ending, Ending::Drop);
}

TEST(XtTargets, SomeLetThePacketGoOn) {
    for (const char* name : {"LOG", "NFLOG", "TCPMSS", "TRACE", "CLASSIFY", "SET", "FLOWOFFLOAD"})
        EXPECT_TRUE(targetOf(name, 0, {}).empty()) << name;
}

TEST(XtTargets, OthersMayEndItsWay) {
    for (const char* name : {"NFQUEUE", "TPROXY", "CLUSTERIP", "FULLCONENAT", "", "DNAT", "MARK"})
        EXPECT_EQ(only<Verdict>(targetOf(name, 0, {})).ending, Ending::Unknown) << name;
}

TEST(XtTargets, Marks) {
    const auto set = only<MarkChange>(targetOf("MARK", 2, octetsOf(xt_mark_tginfo2{0x10, 0xff})));
    EXPECT_EQ(set.field, Field::Mark);
    EXPECT_EQ(set.keep, 0xffffff00U);
    EXPECT_EQ(set.flip, 0x10U);
    xt_connmark_tginfo1 flow{};
    flow.ctmark = 7;
    flow.ctmask = 0xf;
    flow.mode = XT_CONNMARK_SET;
    const auto ofFlow = only<MarkChange>(targetOf("CONNMARK", 1, octetsOf(flow)));
    EXPECT_EQ(ofFlow.field, Field::FlowMark);
    EXPECT_EQ(ofFlow.keep, 0xfffffff0U);
    EXPECT_EQ(ofFlow.flip, 7U);
    flow.mode = XT_CONNMARK_RESTORE;
    flow.nfmask = 0xff;
    const auto restored = only<MarkChange>(targetOf("CONNMARK", 1, octetsOf(flow)));
    EXPECT_EQ(restored.field, Field::Mark);
    EXPECT_EQ(restored.keep, 0xffffff00U);
    EXPECT_EQ(restored.flip, std::nullopt);
}

TEST(XtTargets, NoTracking) {
    xt_ct_target_info info{};
    EXPECT_TRUE(targetOf("CT", 0, octetsOf(info)).empty());
    info.flags = XT_CT_NOTRACK;
    (void)only<Untrack>(targetOf("CT", 0, octetsOf(info)));
    (void)only<Untrack>(targetOf("NOTRACK", 0, {}));
}

nf_nat_range2 rangeTo(std::uint32_t address, std::uint16_t first = 0, std::uint16_t last = 0) {
    nf_nat_range2 range{};
    range.flags = NF_NAT_RANGE_MAP_IPS;
    range.min_addr.ip = range.max_addr.ip = htonl(address);
    if (first == 0) return range;
    range.flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
    range.min_proto.all = htons(first);
    range.max_proto.all = htons(last);
    return range;
}
constexpr std::uint32_t kCamera = 0xc0a83214;  // 192.168.50.20

TEST(XtTargets, DnatToOneEnd) {
    const auto to = only<Translation>(targetOf("DNAT", 2, octetsOf(rangeTo(kCamera, 80, 80))));
    EXPECT_EQ(to.kind, Translating::Destination);
    EXPECT_EQ(to.address, IpAddress{Ipv4Address{kCamera}});
    EXPECT_EQ(to.port, Port{80});
    EXPECT_FALSE(to.unknownTarget);
}

TEST(XtTargets, DnatOfTheOldRevision) {
    nf_nat_ipv4_multi_range_compat old{};
    old.rangesize = 1;
    old.range[0].flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED;
    old.range[0].min_ip = old.range[0].max_ip = htonl(kCamera);
    old.range[0].min.all = old.range[0].max.all = htons(80);
    const auto to = only<Translation>(targetOf("DNAT", 0, octetsOf(old)));
    EXPECT_EQ(to.address, IpAddress{Ipv4Address{kCamera}});
    EXPECT_EQ(to.port, Port{80});
}

TEST(XtTargets, DnatToPortsKeepsThoseThatFit) {
    const auto to = only<Translation>(targetOf("DNAT", 2, octetsOf(rangeTo(kCamera, 4990, 5010))));
    ASSERT_TRUE(to.map && to.map->targets && to.map->keys);
    Packet packet;
    packet.protocol = Protocol::Tcp;
    packet.destination.address = Ipv4Address{0xc0a8320a};
    const auto at = [&](std::uint16_t port) {
        packet.destination.port = Port{port};
        return (*to.map->targets)[find(packet, to.map->operands, to.map->keys.get()).index];
    };
    EXPECT_EQ(at(5010).port, std::nullopt);
    EXPECT_EQ(at(5010).address, IpAddress{Ipv4Address{kCamera}});
    EXPECT_EQ(at(5011).port, Port{4990});
    EXPECT_EQ(at(1).port, Port{4990});
}

TEST(XtTargets, DnatToSeveralHostsLeadsToOneThatNobodyKnows) {
    nf_nat_range2 range = rangeTo(kCamera, 80, 80);
    range.max_addr.ip = htonl(kCamera + 1);
    const auto to = only<Translation>(targetOf("DNAT", 2, octetsOf(range)));
    EXPECT_TRUE(to.unknownTarget);
    EXPECT_EQ(to.address, std::nullopt);
}

TEST(XtTargets, DnatOfIpv6) {
    nf_nat_range2 range{};
    range.flags = NF_NAT_RANGE_MAP_IPS;
    ::inet_pton(AF_INET6, "2a02::9", &range.min_addr);
    range.max_addr = range.min_addr;
    const auto to = only<Translation>(targetOf("DNAT", 2, octetsOf(range), true));
    EXPECT_EQ(to.address, IpAddress{parseIpv6Address("2a02::9").value()});
}

TEST(XtTargets, RedirectSnatAndMasquerade) {
    nf_nat_ipv4_multi_range_compat old{};
    old.rangesize = 1;
    old.range[0].flags = NF_NAT_RANGE_PROTO_SPECIFIED;
    old.range[0].min.all = old.range[0].max.all = htons(3128);
    const auto here = only<Translation>(targetOf("REDIRECT", 0, octetsOf(old)));
    EXPECT_EQ(here.kind, Translating::Redirect);
    EXPECT_EQ(here.address, std::nullopt);
    EXPECT_EQ(here.port, Port{3128});
    const auto source = only<Translation>(targetOf("SNAT", 2, octetsOf(rangeTo(0x50646405))));
    EXPECT_EQ(source.kind, Translating::Source);
    EXPECT_EQ(source.address, IpAddress{Ipv4Address{0x50646405}});
    EXPECT_EQ(only<Translation>(targetOf("MASQUERADE", 0, octetsOf(old))).kind,
              Translating::Masquerade);
}

}  // namespace
}  // namespace igd::inspect
