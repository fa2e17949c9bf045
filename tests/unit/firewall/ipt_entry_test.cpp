// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of the iptables back end, by their layout in memory.
#include "iptables/opening_entry.h"
#include "names.h"
#include "rules.h"
#include "xt_alignment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include <arpa/inet.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_connlabel.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>

namespace igd::firewall {
namespace {

constexpr std::uint32_t kBits = 0x00c00000;  // that mark packets

using test::aRule;
using test::forRemote;
using test::kLan;
using test::kPeer;
using test::kWan;
using test::withComment;
using testing::ElementsAre;
using testing::IsEmpty;

const Ipv4Address kClient = std::get<Ipv4Address>(aRule().internal.address);

template <class T>
T at(const Entry& entry, std::size_t offset) {
    T value;
    EXPECT_LE(offset + sizeof value, entry.size());
    std::memcpy(&value, entry.data() + offset, sizeof value);
    return value;
}

ipt_ip headerOf(const Entry& entry) {
    return at<ipt_ip>(entry, 0);
}

std::size_t targetOffset(const Entry& entry) {
    return at<std::uint16_t>(entry, offsetof(ipt_entry, target_offset));
}

/// name/revision of each match, in their order, and where its data are.
std::vector<std::pair<std::string, std::size_t>> matchesOf(const Entry& entry) {
    std::vector<std::pair<std::string, std::size_t>> matches;
    for (std::size_t offset = sizeof(ipt_entry); offset < targetOffset(entry);) {
        const auto size = at<std::uint16_t>(entry, offset);
        const auto revision =
            std::to_integer<int>(entry.at(offset + offsetof(xt_entry_match, u.user.revision)));
        const char* const name = reinterpret_cast<const char*>(entry.data() + offset) + sizeof size;
        matches.emplace_back(std::string{name} + "/" + std::to_string(revision),
                             offset + sizeof(xt_entry_match));
        EXPECT_EQ(size % alignof(_xt_align), 0U);
        offset += size;
    }
    return matches;
}

std::vector<std::string> matchNames(const Entry& entry) {
    std::vector<std::string> names;
    for (const auto& [name, offset] : matchesOf(entry)) names.push_back(name);
    return names;
}

template <class T>
T matchData(const Entry& entry, const std::string& wanted) {
    for (const auto& [name, offset] : matchesOf(entry))
        if (name == wanted) return at<T>(entry, offset);
    ADD_FAILURE() << "no match " << wanted;
    return {};
}

std::string targetName(const Entry& entry) {
    return reinterpret_cast<const char*>(entry.data() + targetOffset(entry)) +
           sizeof(std::uint16_t);
}

void expectWhole(const Entry& entry) {
    EXPECT_EQ(at<std::uint16_t>(entry, offsetof(ipt_entry, next_offset)), entry.size());
    EXPECT_EQ(targetOffset(entry) + at<std::uint16_t>(entry, targetOffset(entry)), entry.size());
}

TEST(IptEntry, TranslatesWhatComesInOnTheExternalInterface) {
    const Entry entry = dnatEntry(withComment(aRule(), "xbox"));
    expectWhole(entry);
    EXPECT_EQ(headerOf(entry).proto, IPPROTO_UDP);
    EXPECT_EQ(headerOf(entry).smsk.s_addr, 0U);
    EXPECT_THAT(matchNames(entry), ElementsAre("udp/0")) << "each match costs time at each change";
    const auto udp = matchData<xt_udp>(entry, "udp/0");
    EXPECT_THAT(udp.spts, ElementsAre(0, 65535));
    EXPECT_THAT(udp.dpts, ElementsAre(3074, 3074));
}

TEST(IptEntry, NamesTheInternalEndpointAsTheTarget) {
    const Entry entry = dnatEntry(aRule());
    EXPECT_EQ(targetName(entry), "DNAT");
    const auto range = at<nf_nat_range2>(entry, targetOffset(entry) + sizeof(xt_entry_target));
    EXPECT_EQ(range.flags, unsigned{NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED});
    EXPECT_EQ(ntohl(range.min_addr.ip), kClient.value());
    EXPECT_EQ(range.max_addr.ip, range.min_addr.ip);
    EXPECT_EQ(ntohs(range.min_proto.all), 3075);
    EXPECT_EQ(range.max_proto.all, range.min_proto.all);
}

TEST(IptEntry, MovesASetOfPortsByOneRule) {  // PCP-SET-10
    const Entry entry = dnatEntry(test::aSet(41000, 4000, 256));
    expectWhole(entry);
    EXPECT_THAT(matchData<xt_udp>(entry, "udp/0").dpts, ElementsAre(41000, 41255));
    const auto range = at<nf_nat_range2>(entry, targetOffset(entry) + sizeof(xt_entry_target));
    EXPECT_EQ(range.flags, unsigned{NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED |
                                    NF_NAT_RANGE_PROTO_OFFSET});
    EXPECT_EQ(ntohs(range.min_proto.all), 4000);
    EXPECT_EQ(ntohs(range.max_proto.all), 4255);
    EXPECT_EQ(ntohs(range.base_proto.all), 41000);
    const auto flow =
        matchData<xt_conntrack_mtinfo3>(acceptEntry(test::aSet(41000, 4000, 256)), "conntrack/3");
    EXPECT_EQ(flow.origdst_port, 41000);
    EXPECT_EQ(flow.origdst_port_high, 41255);
    EXPECT_EQ(flow.replsrc_port_high, 4255);
}

TEST(IptEntry, NamesTheInternalEndpointToOldKernelsToo) {
    const Entry entry = oldDnatEntry(forRemote(aRule(), kPeer));
    expectWhole(entry);
    EXPECT_EQ(targetName(entry), "DNAT");
    const auto ranges =
        at<nf_nat_ipv4_multi_range_compat>(entry, targetOffset(entry) + sizeof(xt_entry_target));
    EXPECT_EQ(ranges.rangesize, 1U);
    EXPECT_EQ(ntohl(ranges.range[0].min_ip), kClient.value());
    EXPECT_EQ(ranges.range[0].max_ip, ranges.range[0].min_ip);
    EXPECT_EQ(ntohs(ranges.range[0].min.all), 3075);
    EXPECT_EQ(ntohs(ranges.range[0].max.all), 3075);
}

TEST(IptEntry, MatchesTcpAndTheRemoteHost) {
    Rule rule = forRemote(aRule(), kPeer);
    rule.protocol = Protocol::Tcp;
    const Entry entry = dnatEntry(rule);
    EXPECT_EQ(ntohl(headerOf(entry).src.s_addr), kPeer);
    EXPECT_EQ(headerOf(entry).smsk.s_addr, 0xffffffffU);
    EXPECT_THAT(matchNames(entry), ElementsAre("tcp/0"));
    EXPECT_THAT(matchData<xt_tcp>(entry, "tcp/0").dpts, ElementsAre(3074, 3074));
}

TEST(IptEntry, AcceptsTheFlowsOfTheMappingInBothDirectionsAndNoOthers) {
    const Entry entry = acceptEntry(aRule());
    expectWhole(entry);
    EXPECT_EQ(headerOf(entry).proto, 0) << "the ICMP errors of the flow too";
    EXPECT_EQ(targetName(entry), "ACCEPT");
    const auto flow = matchData<xt_conntrack_mtinfo3>(entry, "conntrack/3");
    EXPECT_EQ(flow.match_flags, XT_CONNTRACK_STATE | XT_CONNTRACK_PROTO |
                                    XT_CONNTRACK_ORIGDST_PORT | XT_CONNTRACK_REPLSRC |
                                    XT_CONNTRACK_REPLSRC_PORT);
    EXPECT_EQ(flow.invert_flags, 0);
    EXPECT_EQ(flow.state_mask, XT_CONNTRACK_STATE_DNAT);
    EXPECT_EQ(flow.l4proto, IPPROTO_UDP);
    EXPECT_EQ(flow.origdst_port, 3074);
    EXPECT_EQ(flow.origdst_port_high, 3074);
    EXPECT_EQ(ntohl(flow.replsrc_addr.ip), kClient.value());
    EXPECT_EQ(flow.replsrc_mask.ip, 0xffffffffU);
    EXPECT_EQ(flow.replsrc_port, 3075);
    EXPECT_EQ(flow.replsrc_port_high, 3075);
}

TEST(IptEntry, AcceptsOnlyTheRemoteHostOfTheMapping) {
    const auto flow =
        matchData<xt_conntrack_mtinfo3>(acceptEntry(forRemote(aRule(), kPeer)), "conntrack/3");
    EXPECT_TRUE(flow.match_flags & XT_CONNTRACK_ORIGSRC);
    EXPECT_EQ(ntohl(flow.origsrc_addr.ip), kPeer);
    EXPECT_EQ(flow.origsrc_mask.ip, 0xffffffffU);
}

TEST(IptEntry, MarksTheSameFlowsWithOneBit) {
    const Entry entry = markEntry(aRule(), kBits);
    EXPECT_EQ(matchesOf(entry), matchesOf(acceptEntry(aRule())));
    EXPECT_EQ(targetName(entry), "MARK");
    const auto mark = at<xt_mark_tginfo2>(entry, targetOffset(entry) + sizeof(xt_entry_target));
    EXPECT_EQ(mark.mark, kBits);
    EXPECT_EQ(mark.mask, kBits);
}

constexpr OpeningForm kForm{.tag = "upnpd", .markBits = kBits};

TEST(IptEntry, OpensAChainForMarkedTranslatedPacketsOnly) {
    const Entry entry = openingEntry<IpTables>({.established = true}, kForm);
    EXPECT_THAT(matchNames(entry), ElementsAre("mark/1", "conntrack/3", "comment/0"));
    EXPECT_EQ(matchData<xt_mark_mtinfo1>(entry, "mark/1").mask, kBits);
    EXPECT_EQ(matchData<xt_conntrack_mtinfo3>(entry, "conntrack/3").match_flags,
              XT_CONNTRACK_STATE);
    EXPECT_STREQ(matchData<xt_comment_info>(entry, "comment/0").comment, "upnpd");
    EXPECT_EQ(targetName(entry), "ACCEPT");
}

TEST(IptEntry, OpensAChainForFirstPacketsOfOneProtocol) {
    const Entry entry =
        openingEntry<IpTables>({.protocol = Protocol::Udp, .out = "lan0"},
                               {.tag = "upnpd", .markBits = 0, .target = kLegacyChain});
    EXPECT_THAT(matchNames(entry), ElementsAre("conntrack/3", "conntrack/3", "comment/0"));
    EXPECT_STREQ(matchData<xt_comment_info>(entry, "comment/0").comment, "upnpd: new udp out lan0");
    EXPECT_EQ(at<ipt_entry>(entry, 0).ip.proto, IPPROTO_UDP);
    EXPECT_STREQ(at<ipt_entry>(entry, 0).ip.outiface, "lan0");
    EXPECT_EQ(targetName(entry), kLegacyChain);
}

/// Rules are found again by their bytes, whatever the stack held before.
TEST(IptEntry, IsTheSameInEveryByteEachTime) {
    const Entry dnat = dnatEntry(aRule());
    const Entry accept = acceptEntry(aRule());
    const Entry opening = openingEntry<IpTables>({}, kForm);
    for (const int filling : {0x00, 0x55, 0xff}) {
        std::vector<unsigned char> dirt(4096, static_cast<unsigned char>(filling));
        volatile unsigned char stack[2048];
        for (std::size_t i = 0; i < sizeof stack; ++i) stack[i] = dirt[i];
        EXPECT_EQ(dnatEntry(aRule()), dnat);
        EXPECT_EQ(acceptEntry(aRule()), accept);
        EXPECT_EQ(openingEntry<IpTables>({}, kForm), opening);
    }
    const auto udp = matchesOf(dnat).front().second;
    const std::size_t end = udp + aligned(sizeof(xt_udp));
    for (std::size_t i = udp + offsetof(xt_udp, invflags) + 1; i < end; ++i)
        EXPECT_EQ(std::to_integer<int>(dnat.at(i)), 0);
}

TEST(IptEntry, MarksWhatHairpins) {
    const auto mark = [](const Entry& entry) {
        return at<xt_mark_tginfo2>(entry, targetOffset(entry) + sizeof(xt_entry_target));
    };
    EXPECT_EQ(mark(hairpinMarkEntry(true)).mark, kHairpinMark);
    EXPECT_EQ(mark(hairpinMarkEntry(false)).mark, 0U);
    EXPECT_EQ(mark(hairpinMarkEntry(false)).mask, kHairpinMark) << "no other bit is touched";
    EXPECT_EQ(matchData<xt_mark_mtinfo1>(markedOutJumpEntry(kLan), "mark/1").mask, kHairpinMark);
    EXPECT_EQ(targetName(markedOutJumpEntry(kLan)), kLegacyMasquerade);
    EXPECT_EQ(ntohl(headerOf(hairpinJumpEntry(kLan, Ipv4Address{kPeer})).dst.s_addr), kPeer);
}

/// The labels that `entry` asks for, with "!" for one that the flow must not have.
std::vector<std::string> labelsOf(const Entry& entry) {
    std::vector<std::string> labels;
    for (const auto& [name, offset] : matchesOf(entry)) {
        if (name != "connlabel/0") continue;
        const auto label = at<xt_connlabel_mtinfo>(entry, offset);
        EXPECT_FALSE(label.options & XT_CONNLABEL_OP_SET);
        labels.push_back((label.options & XT_CONNLABEL_OP_INVERT ? "!" : "") +
                         std::to_string(label.bit));
    }
    return labels;
}

TEST(IptEntry, LabelsAFlowAndLetsItGoOn) {
    const Entry entry = labelEntry(kEnteredLabel);
    expectWhole(entry);
    const auto label = matchData<xt_connlabel_mtinfo>(entry, "connlabel/0");
    EXPECT_EQ(label.bit, kEnteredLabel);
    EXPECT_EQ(label.options, XT_CONNLABEL_OP_SET);
    EXPECT_EQ(targetName(entry), "");
}

TEST(IptEntry, OpensTheWayForFlowsThatWeTranslatedOnly) {
    const auto ours = ElementsAre("125", "!126");
    EXPECT_THAT(labelsOf(acceptOursEntry()), ours);
    EXPECT_EQ(targetName(acceptOursEntry()), "ACCEPT");
    EXPECT_THAT(labelsOf(markOursEntry(kBits)), ours);
    EXPECT_EQ(targetName(markOursEntry(kBits)), "MARK");
    EXPECT_THAT(labelsOf(hairpinOutJumpEntry(kLan)), ElementsAre("127", "!126"));
    EXPECT_STREQ(headerOf(hairpinOutJumpEntry(kLan)).outiface, "lan0");
    const Entry jump = translatedJumpEntry();
    EXPECT_EQ(matchData<xt_conntrack_mtinfo3>(jump, "conntrack/3").state_mask,
              XT_CONNTRACK_STATE_DNAT);
    EXPECT_EQ(targetName(jump), kLegacyChain);
}

TEST(IptEntry, MarksAnswersByTheAddressTheirFlowCameTo) {
    const Entry entry = answerEntry(Ipv4Address{kPeer}, 0x00400000, kBits);
    const auto flow = matchData<xt_conntrack_mtinfo3>(entry, "conntrack/3");
    EXPECT_EQ(flow.origdst_addr.ip, htonl(kPeer));
    EXPECT_EQ(flow.match_flags, XT_CONNTRACK_STATE | XT_CONNTRACK_ORIGDST | XT_CONNTRACK_DIRECTION);
    EXPECT_EQ(flow.invert_flags, XT_CONNTRACK_DIRECTION) << "answers alone";
    EXPECT_THAT(matchNames(entry),
                ElementsAre("connlabel/0", "connlabel/0", "connlabel/0", "conntrack/3"));
    const auto mark = at<xt_mark_tginfo2>(entry, targetOffset(entry) + sizeof(xt_entry_target));
    EXPECT_EQ(mark.mark, 0x00400000U);
    EXPECT_EQ(mark.mask, kBits);
}

TEST(IptEntry, TakesOurBitOffAMarkAndNoOther) {
    const Entry entry = clearMarkEntry(kBits);
    const auto mark = at<xt_mark_tginfo2>(entry, targetOffset(entry) + sizeof(xt_entry_target));
    EXPECT_EQ(mark.mark, 0U);
    EXPECT_EQ(mark.mask, kBits);
}

TEST(IptEntry, LeadsPortsToAChainAndTellsWhich) {
    const PortRange ports{Port{5100}, Port{65535}};
    const Entry to = toPortsEntry(Protocol::Tcp, ports, "UPNPD-TCP-5100");
    expectWhole(to);
    EXPECT_THAT(matchData<xt_tcp>(to, "tcp/0").dpts, ElementsAre(5100, 65535));
    EXPECT_EQ(targetName(to), "UPNPD-TCP-5100");
    EXPECT_EQ(toPortsOf(to), (MatchedPorts{Protocol::Tcp, ports}));
    EXPECT_EQ(toPortsOf(dnatEntry(forRemote(aRule(), kPeer))),
              (MatchedPorts{Protocol::Udp, {Port{3074}, Port{3074}}}));
}

/// Somebody else may put anything into a chain of ours.
TEST(IptEntry, TellsNoPortsWhereNoneAreMatched) {
    for (const Entry& entry : {labelEntry(kEnteredLabel), masqueradeEntry(), Entry{}, Entry(4)})
        EXPECT_EQ(toPortsOf(entry), std::nullopt);
}

TEST(IptEntry, JumpsByInterface) {
    const Entry entry = jumpEntry(std::nullopt, kWan, kLegacyChain);
    EXPECT_STREQ(headerOf(entry).iniface, "");
    EXPECT_STREQ(headerOf(entry).outiface, "wan0");
    EXPECT_THAT(matchNames(entry), IsEmpty());
    EXPECT_EQ(targetName(entry), kLegacyChain);
}

TEST(IptEntry, TranslatesOnlyWhatIsForTheRouterItself) {
    const Entry entry = localJumpEntry(kWan, Ipv4Address{0x50646401});
    EXPECT_STREQ(headerOf(entry).iniface, "wan0");
    EXPECT_EQ(ntohl(headerOf(entry).dst.s_addr), 0x50646401U);
    EXPECT_EQ(ntohl(headerOf(entry).dmsk.s_addr), 0xffffffffU);
    EXPECT_THAT(matchNames(entry), ElementsAre("addrtype/1"));
    const auto type = matchData<xt_addrtype_info_v1>(entry, "addrtype/1");
    EXPECT_EQ(type.dest, XT_ADDRTYPE_LOCAL);
    EXPECT_EQ(type.source, 0);
    EXPECT_EQ(type.flags, 0U);
    EXPECT_EQ(targetName(entry), kLegacyChain);
}

}  // namespace
}  // namespace igd::firewall
