// SPDX-License-Identifier: GPL-2.0-or-later
// Tables of legacy iptables, by the kernel's structures.
#include "upnpd/inspect/legacy_decoder.h"

#include "legacy_blob.h"

#include "upnpd/inspect/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace igd::inspect {
namespace {

using test::LegacyBlob;
using test::octetsOf;
using testing::ElementsAre;

constexpr std::size_t kForwardHook = 2;
constexpr std::int32_t kDrop = -NF_DROP - 1, kAccept = -NF_ACCEPT - 1, kQueue = -NF_QUEUE - 1;

bool add(Ruleset& rules, const LegacyBlob& blob, std::string_view table = "filter") {
    return addLegacyTable(rules, table, false, blob.frame, blob.octets, "upnpd");
}

Packet aPacket() {
    Packet packet;
    packet.in = "wan0";
    packet.out = "br-lan";
    packet.protocol = Protocol::Tcp;
    packet.source = packet.originalSource = {Ipv4Address{0x50646409}, Port{50000}};
    packet.destination = packet.originalDestination = {Ipv4Address{0xc0a8320a}, Port{5000}};
    return packet;
}

/// Returns the fate of a packet in FORWARD of the table.
Finding fate(const LegacyBlob& blob, Packet packet = aPacket()) {
    Ruleset rules;
    EXPECT_TRUE(add(rules, blob));
    const auto chain = rules.find(Kind::Legacy, "ip", "filter", "FORWARD");
    return judgeChain(rules, chain.value(), packet, Doubt::AllWays);
}

/// FORWARD with one rule that drops what `header` says.
LegacyBlob dropping(const ipt_ip& header) {
    LegacyBlob blob;
    blob.hook(kForwardHook);
    blob.verdict(kDrop, header);
    blob.policy(kForwardHook, kAccept);
    blob.endOfTable();
    return blob;
}

void name(char (&to)[IFNAMSIZ], unsigned char (&mask)[IFNAMSIZ], std::string_view text,
          bool whole = true) {
    text.copy(to, IFNAMSIZ - 1);
    std::memset(mask, 0xff, text.size() + (whole ? 1 : 0));
}

TEST(LegacyDecoder, BuiltInChainsHaveHookPriorityAndPolicy) {
    LegacyBlob blob;
    blob.hook(kForwardHook);
    blob.policy(kForwardHook, kDrop);
    blob.endOfTable();
    Ruleset rules;
    ASSERT_TRUE(add(rules, blob, "mangle"));
    ASSERT_EQ(rules.chains.size(), 1U);
    const Chain& chain = rules.chains[0];
    EXPECT_EQ(nameOf(chain), "legacy mangle FORWARD");
    EXPECT_EQ(chain.kind, Kind::Legacy);
    ASSERT_TRUE(chain.base);
    EXPECT_EQ(chain.base->hook, Hook::Forward);
    EXPECT_EQ(chain.base->priority, -150);
    EXPECT_FALSE(chain.base->translates);
    EXPECT_TRUE(chain.base->policyDrop);
    EXPECT_TRUE(chain.rules.empty());
}

TEST(LegacyDecoder, NatTranslatesAtTheKernelsPriorities) {
    constexpr std::size_t kPre = 0, kPost = 4;
    LegacyBlob blob;
    blob.hook(kPre);
    blob.policy(kPre, kAccept);
    blob.hook(kPost);
    blob.policy(kPost, kAccept);
    blob.endOfTable();
    Ruleset rules;
    ASSERT_TRUE(add(rules, blob, "nat"));
    ASSERT_EQ(rules.chains.size(), 2U);
    EXPECT_EQ(rules.chains[0].base->priority, -100);
    EXPECT_EQ(rules.chains[1].base->priority, 100);
    EXPECT_TRUE(rules.chains[1].base->translates);
}

TEST(LegacyDecoder, AddressesAndTheirInversion) {
    ipt_ip header{};
    header.src.s_addr = htonl(0x50646400);
    header.smsk.s_addr = htonl(0xffffff00);
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Stopped);
    header.invflags = IPT_INV_SRCIP;
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Reaches);
    header = {};
    header.dst.s_addr = htonl(0xc0a8320b);
    header.dmsk.s_addr = 0xffffffff;
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Reaches);
    header.invflags = IPT_INV_DSTIP;
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Stopped);
}

TEST(LegacyDecoder, InterfacesWholeAndByTheirBeginning) {
    ipt_ip header{};
    name(header.iniface, header.iniface_mask, "wan0");
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Stopped);
    header = {};
    name(header.iniface, header.iniface_mask, "wan");
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Reaches);
    header = {};
    name(header.iniface, header.iniface_mask, "wan", false);
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Stopped) << "wan+";
    header = {};
    name(header.outiface, header.outiface_mask, "br-lan");
    header.invflags = IPT_INV_VIA_OUT;
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Reaches);
}

TEST(LegacyDecoder, ProtocolsAndFragments) {
    ipt_ip header{};
    header.proto = 17;
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Reaches);
    header.invflags = IPT_INV_PROTO;
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Stopped);
    header = {};
    header.flags = IPT_F_FRAG;
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Reaches) << "a first fragment";
    header.invflags = IPT_INV_FRAG;
    EXPECT_EQ(fate(dropping(header)).fate, Fate::Stopped);
}

/// FORWARD leads to a chain and drops what comes back; that chain ends with `inside`.
LegacyBlob calling(std::int32_t inside, bool asGoto) {
    LegacyBlob blob;
    // The offset of the chain is known after FORWARD is written: two passes.
    std::int32_t chain = 0;
    for (int pass = 0; pass < 2; ++pass) {
        blob = LegacyBlob{};
        ipt_ip header{};
        header.flags = asGoto ? IPT_F_GOTO : 0;
        blob.hook(kForwardHook);
        blob.verdict(chain, header);
        blob.verdict(kDrop);
        blob.policy(kForwardHook, kAccept);
        chain = blob.chain("office");
        blob.verdict(inside);
        blob.endOfChain();
        blob.endOfTable();
    }
    return blob;
}

TEST(LegacyDecoder, JumpsComeBackAndGotosDoNot) {
    const Finding finding = fate(calling(XT_RETURN, false));
    EXPECT_EQ(finding.fate, Fate::Stopped);
    EXPECT_EQ(finding.place->rule, 1U);
    EXPECT_EQ(fate(calling(XT_RETURN, true)).fate, Fate::Reaches) << "to the policy";
    EXPECT_EQ(fate(calling(kAccept, false)).fate, Fate::Reaches);
    EXPECT_EQ(fate(calling(kQueue, false)).fate, Fate::Stopped) << "dropped there or later";
}

TEST(LegacyDecoder, TheEndOfAChainIsNoRule) {
    Ruleset rules;
    ASSERT_TRUE(add(rules, calling(kAccept, false)));
    const auto chain = rules.find(Kind::Legacy, "ip", "filter", "office");
    ASSERT_TRUE(chain);
    EXPECT_EQ(rules.chains[*chain].rules.size(), 1U);
    EXPECT_FALSE(rules.chains[*chain].base);
    EXPECT_EQ(rules.describe({*chain, 0}), "legacy filter office rule 1");
}

TEST(LegacyDecoder, ARuleWithoutTargetGoesOn) {
    LegacyBlob blob;
    blob.hook(kForwardHook);
    constexpr std::size_t kTarget = (sizeof(xt_standard_target) + 7) / 8 * 8;
    blob.verdict(static_cast<std::int32_t>(sizeof(ipt_entry) + kTarget));
    blob.policy(kForwardHook, kDrop);
    blob.endOfTable();
    const Finding finding = fate(blob);
    EXPECT_EQ(finding.fate, Fate::Stopped);
    EXPECT_EQ(finding.place->rule, std::nullopt);
}

TEST(LegacyDecoder, OurChainsAndRulesAreKnown) {
    std::string comment = "upnpd: new";
    comment.resize(256);
    const auto* const raw = reinterpret_cast<const std::byte*>(comment.data());
    const auto match = LegacyBlob::extension("comment", {raw, raw + comment.size()});
    LegacyBlob blob;
    blob.hook(kForwardHook);
    blob.verdict(kAccept, LegacyBlob::anyPacket(), {match});
    blob.verdict(kDrop);
    blob.policy(kForwardHook, kAccept);
    blob.chain("UPNPD-OUT");
    blob.endOfChain();
    blob.endOfTable();
    Ruleset rules;
    ASSERT_TRUE(add(rules, blob));
    EXPECT_TRUE(rules.chains.at(rules.find(Kind::Legacy, "ip", "filter", "UPNPD-OUT").value()).own);
    const Chain& forward =
        rules.chains.at(rules.find(Kind::Legacy, "ip", "filter", "FORWARD").value());
    EXPECT_FALSE(forward.own);
    EXPECT_EQ(forward.rules.at(0).opening, 0);
    EXPECT_THAT(forward.openings, ElementsAre("upnpd: new"));
    EXPECT_EQ(forward.rules.at(1).opening, -1);
    EXPECT_EQ(fate(blob).fate, Fate::Stopped) << "it is for packets of openings";
}

TEST(LegacyDecoder, OctetsThatAreNoTableAddNothing) {
    const LegacyBlob whole = calling(kAccept, false);
    for (std::size_t size = 1; size < whole.octets.size(); size += 7) {
        LegacyBlob cut = whole;
        cut.octets.resize(size);
        Ruleset rules;
        EXPECT_FALSE(add(rules, cut)) << size;
        EXPECT_TRUE(rules.chains.empty());
    }
}

TEST(LegacyDecoder, JumpsAndHooksLeadToEntries) {
    Ruleset rules;
    LegacyBlob nowhere;
    nowhere.hook(kForwardHook);
    nowhere.verdict(8);
    nowhere.policy(kForwardHook, kAccept);
    nowhere.endOfTable();
    EXPECT_FALSE(add(rules, nowhere));
    LegacyBlob askew = dropping({});
    askew.frame.hookEntry[kForwardHook] += 4;
    EXPECT_FALSE(add(rules, askew));
    askew = dropping({});
    askew.frame.underflow[kForwardHook] = 1U << 30;
    EXPECT_FALSE(add(rules, askew));
    EXPECT_TRUE(rules.chains.empty());
}

}  // namespace
}  // namespace igd::inspect
