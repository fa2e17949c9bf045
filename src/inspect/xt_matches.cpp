// SPDX-License-Identifier: GPL-2.0-or-later
#include "xt_matches.h"

#include "xt_flow_matches.h"

#include <algorithm>
#include <array>
#include <climits>

#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_hashlimit.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_owner.h>
#include <linux/netfilter/xt_physdev.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_policy.h>
#include <linux/netfilter/xt_quota.h>
#include <linux/netfilter/xt_recent.h>
#include <linux/netfilter/xt_rpfilter.h>
#include <linux/netfilter/xt_set.h>
#include <linux/netfilter/xt_tcpudp.h>

namespace igd::inspect::xt {
namespace {

using Octets = std::span<const std::byte>;

void ports(const Rule& rule, Field field, const __u16 (&range)[2], bool inverted) {
    if (range[0] != 0 || range[1] != 0xffff || inverted)
        rule.add(within(field, range[0], range[1], inverted));
}

bool tcp(const Rule& rule, std::uint8_t /*revision*/, Octets octets) {
    const auto info = infoOf<xt_tcp>(octets);
    if (!info) return false;
    const auto inverted = [&](unsigned flag) { return (info->invflags & flag) != 0; };
    ports(rule, Field::SourcePort, info->spts, inverted(XT_TCP_INV_SRCPT));
    ports(rule, Field::DestinationPort, info->dpts, inverted(XT_TCP_INV_DSTPT));
    if (info->flg_mask != 0 || info->flg_cmp != 0 || inverted(XT_TCP_INV_FLAGS))
        rule.add(
            masked(Field::TcpFlags, info->flg_mask, info->flg_cmp, inverted(XT_TCP_INV_FLAGS)));
    if (info->option != 0) rule.guess(Truth::Unknown);
    return true;
}

/// UDP-Lite's are the same octets.
bool udp(const Rule& rule, std::uint8_t /*revision*/, Octets octets) {
    const auto info = infoOf<xt_udp>(octets);
    if (!info) return false;
    ports(rule, Field::SourcePort, info->spts, (info->invflags & XT_UDP_INV_SRCPT) != 0);
    ports(rule, Field::DestinationPort, info->dpts, (info->invflags & XT_UDP_INV_DSTPT) != 0);
    return true;
}

std::optional<std::vector<Interval>> portsOf(const xt_multiport_v1& info) {
    if (info.count > XT_MULTI_PORTS) return std::nullopt;
    std::vector<Interval> found;
    for (std::size_t i = 0; i < info.count; ++i) {
        const bool range = info.pflags[i] != 0 && i + 1 < info.count;
        found.push_back(interval(info.ports[i], info.ports[range ? i + 1 : i]));
        if (range) ++i;
    }
    return found;
}

bool multiport(const Rule& rule, std::uint8_t revision, Octets octets) {
    const auto info = infoOf<xt_multiport_v1>(octets);
    if (revision != 1 || !info) return false;
    auto list = portsOf(*info);
    if (!list) return false;
    const bool inverted = info->invert != 0;
    if (info->flags != XT_MULTIPORT_EITHER) {
        const Field field =
            info->flags == XT_MULTIPORT_SOURCE ? Field::SourcePort : Field::DestinationPort;
        rule.add(Membership{{{field}}, setOf(1, std::move(*list)), inverted});
        return true;
    }
    const Interval any = interval(0, 0xffff);
    std::vector<Interval> pairs;
    for (const Interval& one : *list) pairs.insert(pairs.end(), {one, any, any, one});
    rule.add(Membership{
        {{Field::SourcePort}, {Field::DestinationPort}}, setOf(2, std::move(pairs)), inverted});
    return true;
}

/// `mask` has a bit for each type of addresses.
void addressTypes(const Rule& rule, Field field, std::uint16_t mask, bool inverted) {
    if (mask == 0) return;
    std::vector<Interval> types;
    for (std::uint64_t type = 0; type < 16; ++type)
        if ((mask >> type & 1U) != 0) types.push_back(interval(type, type));
    rule.add(Membership{{{field}}, setOf(1, std::move(types)), inverted});
}

bool addrtype(const Rule& rule, std::uint8_t revision, Octets octets) {
    if (revision == 0) {
        const auto info = infoOf<xt_addrtype_info>(octets);
        if (!info) return false;
        addressTypes(rule, Field::SourceType, info->source, info->invert_source != 0);
        addressTypes(rule, Field::DestinationType, info->dest, info->invert_dest != 0);
        return true;
    }
    const auto info = infoOf<xt_addrtype_info_v1>(octets);
    // With the limit, an address of another interface of the router counts as a remote one.
    constexpr auto kLimit = XT_ADDRTYPE_LIMIT_IFACE_IN | XT_ADDRTYPE_LIMIT_IFACE_OUT;
    if (revision != 1 || !info || (info->flags & kLimit) != 0) return false;
    addressTypes(rule, Field::SourceType, info->source,
                 (info->flags & XT_ADDRTYPE_INVERT_SOURCE) != 0);
    addressTypes(rule, Field::DestinationType, info->dest,
                 (info->flags & XT_ADDRTYPE_INVERT_DEST) != 0);
    return true;
}

bool iprange(const Rule& rule, std::uint8_t revision, Octets octets) {
    const auto info = infoOf<xt_iprange_mtinfo>(octets);
    if (revision != 1 || !info) return false;
    if ((info->flags & IPRANGE_SRC) != 0)
        rule.add(Comparison{fieldOf(rule.ipv6, Field::Source4, Field::Source6),
                            (info->flags & IPRANGE_SRC_INV) != 0, kAllOnes,
                            wordOf(info->src_min, rule.ipv6), wordOf(info->src_max, rule.ipv6)});
    if ((info->flags & IPRANGE_DST) != 0)
        rule.add(Comparison{fieldOf(rule.ipv6, Field::Destination4, Field::Destination6),
                            (info->flags & IPRANGE_DST_INV) != 0, kAllOnes,
                            wordOf(info->dst_min, rule.ipv6), wordOf(info->dst_max, rule.ipv6)});
    return true;
}

bool mark(const Rule& rule, std::uint8_t revision, Octets octets) {
    const auto info = infoOf<xt_mark_mtinfo1>(octets);
    if (revision != 1 || !info) return false;
    rule.add(masked(Field::Mark, info->mask, info->mark, info->invert != 0));
    return true;
}

bool limit(const Rule& rule, std::uint8_t /*revision*/, Octets /*octets*/) {
    rule.guess(Truth::Yes);
    return true;
}

bool hashlimit(const Rule& rule, std::uint8_t revision, Octets octets) {
    constexpr std::size_t kMode1 =
        offsetof(xt_hashlimit_mtinfo1, cfg) + offsetof(hashlimit_cfg1, mode);
    constexpr std::size_t kMode2 =
        offsetof(xt_hashlimit_mtinfo2, cfg) + offsetof(hashlimit_cfg2, mode);
    static_assert(kMode2 == offsetof(xt_hashlimit_mtinfo3, cfg) + offsetof(hashlimit_cfg3, mode));
    if (revision < 1 || revision > 3) return false;
    const std::size_t at = revision == 1 ? kMode1 : kMode2;
    if (octets.size() < at) return false;
    const auto mode = infoOf<std::uint32_t>(octets.subspan(at));
    if (!mode) return false;
    rule.guess((*mode & XT_HASHLIMIT_INVERT) == 0);
    return true;
}

bool quota(const Rule& rule, std::uint8_t /*revision*/, Octets octets) {
    const auto flags = infoOf<std::uint32_t>(octets);
    if (!flags) return false;
    rule.guess((*flags & XT_QUOTA_INVERT) == 0);
    return true;
}

/// Setting always matches; other tests ask whether an address is in a list.
bool recent(const Rule& rule, std::uint8_t /*revision*/, Octets octets) {
    const auto info = infoOf<xt_recent_mtinfo>(octets);
    if (!info) return false;
    if ((info->check_set & XT_RECENT_SET) != 0) {
        rule.guess(info->invert == 0);
        return true;
    }
    const Field field = info->side == XT_RECENT_DEST
                            ? fieldOf(rule.ipv6, Field::Destination4, Field::Destination6)
                            : fieldOf(rule.ipv6, Field::Source4, Field::Source6);
    rule.add(Membership{{{field}}, nullptr, info->invert != 0});
    return true;
}

/// The kinds of keys are not in the rule.
bool set(const Rule& rule, std::uint8_t revision, Octets octets) {
    const auto info = infoOf<xt_set_info>(octets);
    if (revision == 0 || !info) return false;
    rule.add(Membership{{}, nullptr, (info->flags & IPSET_INV_MATCH) != 0});
    return true;
}

/// A routed packet is not bridged; by which port of a bridge it came is not known.
bool physdev(const Rule& rule, std::uint8_t /*revision*/, Octets octets) {
    const auto info = infoOf<xt_physdev_info>(octets);
    if (!info) return false;
    if ((info->bitmask & XT_PHYSDEV_OP_BRIDGED) != 0)
        rule.guess((info->invert & XT_PHYSDEV_OP_BRIDGED) != 0);
    if ((info->bitmask & ~unsigned{XT_PHYSDEV_OP_BRIDGED}) != 0) rule.guess(Truth::Unknown);
    return true;
}

/// An ordinary packet did not come through IPsec.
bool policy(const Rule& rule, std::uint8_t /*revision*/, Octets octets) {
    const auto info = infoOf<xt_policy_info>(octets);
    if (!info) return false;
    rule.guess((info->flags & XT_POLICY_MATCH_NONE) != 0);
    return true;
}

/// An ordinary packet comes in by the interface that leads to its source.
bool rpfilter(const Rule& rule, std::uint8_t /*revision*/, Octets octets) {
    const auto info = infoOf<xt_rpfilter_info>(octets);
    if (!info) return false;
    rule.guess((info->flags & XT_RPFILTER_INVERT) == 0);
    return true;
}

/// A packet that passes the router has no socket.
bool owner(const Rule& rule, std::uint8_t revision, Octets octets) {
    const auto info = infoOf<xt_owner_match_info>(octets);
    if (revision != 1 || !info) return false;
    rule.guess((info->match ^ info->invert) == 0);
    return true;
}

bool pkttype(const Rule& rule, std::uint8_t /*revision*/, Octets octets) {
    const auto info = infoOf<xt_pkttype_info>(octets);
    if (!info || info->pkttype < 0) return false;
    const auto type = static_cast<std::uint64_t>(info->pkttype);
    rule.add(within(Field::PacketType, type, type, info->invert != 0));
    return true;
}

bool otherPackets(const Rule& rule, std::uint8_t /*revision*/, Octets /*octets*/) {
    rule.add(within(Field::OfOtherPackets, 0, 0));
    return true;
}

/// It fits any packet: it counts, or it is a remark.
bool always(const Rule& /*rule*/, std::uint8_t /*revision*/, Octets /*octets*/) {
    return true;
}

struct Named {
    std::string_view name;
    Match match;
};
constexpr std::array kMatches{
    Named{"addrtype", addrtype},
    Named{"ah", otherPackets},
    Named{"comment", always},
    Named{"connlimit", connlimit},
    Named{"connmark", connmark},
    Named{"conntrack", conntrack},
    Named{"dccp", otherPackets},
    Named{"dst", otherPackets},
    Named{"esp", otherPackets},
    Named{"frag", otherPackets},
    Named{"hashlimit", hashlimit},
    Named{"hbh", otherPackets},
    Named{"helper", helper},
    Named{"icmp", otherPackets},
    Named{"icmp6", otherPackets},
    Named{"ipcomp", otherPackets},
    Named{"iprange", iprange},
    Named{"limit", limit},
    Named{"mark", mark},
    Named{"mh", otherPackets},
    Named{"multiport", multiport},
    Named{"owner", owner},
    Named{"physdev", physdev},
    Named{"pkttype", pkttype},
    Named{"policy", policy},
    Named{"quota", quota},
    Named{"recent", recent},
    Named{"rpfilter", rpfilter},
    Named{"rt", otherPackets},
    Named{"sctp", otherPackets},
    Named{"set", set},
    Named{"state", state},
    Named{"tcp", tcp},
    Named{"udp", udp},
    Named{"udplite", udp},
};
static_assert(std::ranges::is_sorted(kMatches, {}, &Named::name));

}  // namespace

Match matchOf(std::string_view name) {
    const auto found = std::ranges::lower_bound(kMatches, name, {}, &Named::name);
    return found != kMatches.end() && found->name == name ? found->match : nullptr;
}

}  // namespace igd::inspect::xt
