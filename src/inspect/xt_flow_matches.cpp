// SPDX-License-Identifier: GPL-2.0-or-later
#include "xt_flow_matches.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/xt_connlimit.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_helper.h>
#include <linux/netfilter/xt_state.h>

namespace igd::inspect::xt {
namespace {

/// The states that this match and the model number alike.
constexpr std::uint64_t kPlainStates = ct::kInvalid | ct::kEstablished | ct::kRelated | ct::kNew;

/// Translations are states here, and status bits in the model: one of either is enough.
void states(const Rule& rule, std::uint32_t mask, bool inverted) {
    const std::uint64_t plain =
        (mask & kPlainStates) | ((mask & XT_CONNTRACK_STATE_UNTRACKED) != 0 ? ct::kUntracked : 0);
    const std::uint64_t status = ((mask & XT_CONNTRACK_STATE_SNAT) != 0 ? ct::kSourceNat : 0) |
                                 ((mask & XT_CONNTRACK_STATE_DNAT) != 0 ? ct::kDestinationNat : 0);
    if (status == 0) return rule.add(anyOf(Field::FlowState, plain, inverted));
    if (plain == 0) return rule.add(anyOf(Field::FlowStatus, status, inverted));
    const Interval any = interval(0, ~std::uint64_t{0});
    const Interval some = interval(1, ~std::uint64_t{0});
    rule.add(Membership{
        {{Field::FlowState, inspect::wordOf(plain)}, {Field::FlowStatus, inspect::wordOf(status)}},
        setOf(2, {some, any, any, some}),
        inverted});
}

/// The three revisions in the words of the third.
std::optional<xt_conntrack_mtinfo3> conntrackInfo(std::uint8_t revision,
                                                  std::span<const std::byte> octets) {
    if (revision == 3) return infoOf<xt_conntrack_mtinfo3>(octets);
    // The second differs from the first in the width of the last two fields.
    auto old = revision == 2 ? infoOf<xt_conntrack_mtinfo2>(octets) : std::nullopt;
    if (const auto first = revision == 1 ? infoOf<xt_conntrack_mtinfo1>(octets) : std::nullopt) {
        old.emplace();
        std::memcpy(&*old, &*first, offsetof(xt_conntrack_mtinfo1, state_mask));
        old->state_mask = first->state_mask;
        old->status_mask = first->status_mask;
    }
    if (!old) return std::nullopt;
    xt_conntrack_mtinfo3 info{};
    std::memcpy(&info, &*old, sizeof *old);
    info.origsrc_port = info.origsrc_port_high = ntohs(old->origsrc_port);
    info.origdst_port = info.origdst_port_high = ntohs(old->origdst_port);
    info.replsrc_port = info.replsrc_port_high = ntohs(old->replsrc_port);
    info.repldst_port = info.repldst_port_high = ntohs(old->repldst_port);
    return info;
}

/// The addresses and ports of a flow in both directions.
void ends(const Rule& rule, const xt_conntrack_mtinfo3& info) {
    const auto inverted = [&](unsigned flag) { return (info.invert_flags & flag) != 0; };
    const auto address = [&](unsigned flag, Field field4, Field field6, const nf_inet_addr& value,
                             const nf_inet_addr& mask) {
        if ((info.match_flags & flag) == 0) return;
        const Word word = wordOf(value, rule.ipv6);
        rule.add(Comparison{fieldOf(rule.ipv6, field4, field6), inverted(flag),
                            wordOf(mask, rule.ipv6), word, word});
    };
    address(XT_CONNTRACK_ORIGSRC, Field::OriginalSource4, Field::OriginalSource6, info.origsrc_addr,
            info.origsrc_mask);
    address(XT_CONNTRACK_ORIGDST, Field::OriginalDestination4, Field::OriginalDestination6,
            info.origdst_addr, info.origdst_mask);
    address(XT_CONNTRACK_REPLSRC, Field::ReplySource4, Field::ReplySource6, info.replsrc_addr,
            info.replsrc_mask);
    const auto port = [&](unsigned flag, Field field, std::uint16_t first, std::uint16_t last) {
        if ((info.match_flags & flag) != 0) rule.add(within(field, first, last, inverted(flag)));
    };
    port(XT_CONNTRACK_ORIGSRC_PORT, Field::OriginalSourcePort, info.origsrc_port,
         info.origsrc_port_high);
    port(XT_CONNTRACK_ORIGDST_PORT, Field::OriginalDestinationPort, info.origdst_port,
         info.origdst_port_high);
    port(XT_CONNTRACK_REPLSRC_PORT, Field::ReplySourcePort, info.replsrc_port,
         info.replsrc_port_high);
}

}  // namespace

bool conntrack(const Rule& rule, std::uint8_t revision, std::span<const std::byte> octets) {
    const auto info = conntrackInfo(revision, octets);
    if (!info) return false;
    const auto asks = [&](unsigned flag) { return (info->match_flags & flag) != 0; };
    const auto inverted = [&](unsigned flag) { return (info->invert_flags & flag) != 0; };
    if (asks(XT_CONNTRACK_STATE)) states(rule, info->state_mask, inverted(XT_CONNTRACK_STATE));
    if (asks(XT_CONNTRACK_DIRECTION))
        rule.add(within(Field::FlowDirection, 0, 0, inverted(XT_CONNTRACK_DIRECTION)));
    if (asks(XT_CONNTRACK_PROTO))
        rule.add(within(Field::FlowProtocol, info->l4proto, info->l4proto,
                        inverted(XT_CONNTRACK_PROTO)));
    if (asks(XT_CONNTRACK_STATUS))
        rule.add(anyOf(Field::FlowStatus, info->status_mask, inverted(XT_CONNTRACK_STATUS)));
    ends(rule, *info);
    // The other end of the answers is chosen when the flow leaves.
    if (asks(XT_CONNTRACK_REPLDST | XT_CONNTRACK_REPLDST_PORT | XT_CONNTRACK_EXPIRES))
        rule.guess(Truth::Unknown);
    return true;
}

bool state(const Rule& rule, std::uint8_t /*revision*/, std::span<const std::byte> octets) {
    const auto info = infoOf<xt_state_info>(octets);
    if (!info) return false;
    static_assert(XT_STATE_UNTRACKED == ct::kUntracked);
    rule.add(anyOf(Field::FlowState, info->statemask & (kPlainStates | XT_STATE_UNTRACKED), false));
    return true;
}

bool connmark(const Rule& rule, std::uint8_t revision, std::span<const std::byte> octets) {
    const auto info = infoOf<xt_connmark_mtinfo1>(octets);
    if (revision != 1 || !info) return false;
    rule.add(masked(Field::FlowMark, info->mask, info->mark, info->invert != 0));
    return true;
}

bool connlimit(const Rule& rule, std::uint8_t /*revision*/, std::span<const std::byte> octets) {
    constexpr std::size_t kEnd = offsetof(xt_connlimit_info, data);
    if (octets.size() < kEnd) return false;
    xt_connlimit_info info{};
    std::memcpy(&info, octets.data(), kEnd);
    rule.guess((info.flags & XT_CONNLIMIT_INVERT) != 0);
    return true;
}

bool helper(const Rule& rule, std::uint8_t /*revision*/, std::span<const std::byte> octets) {
    const auto info = infoOf<xt_helper_info>(octets);
    if (!info) return false;
    rule.guess(info->invert != 0);
    return true;
}

}  // namespace igd::inspect::xt
