// SPDX-License-Identifier: GPL-2.0-or-later
#include "xt_targets.h"

#include "xt_translations.h"

#include <algorithm>
#include <array>

#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>

namespace igd::inspect::xt {
namespace {

using Octets = std::span<const std::byte>;

bool drop(const Rule& rule, std::uint8_t /*revision*/, Octets /*octets*/) {
    rule.add(Verdict{Ending::Drop});
    return true;
}

bool mark(const Rule& rule, std::uint8_t revision, Octets octets) {
    const auto info = infoOf<xt_mark_tginfo2>(octets);
    if (revision != 2 || !info) return false;
    rule.add(MarkChange{Field::Mark, ~info->mask, info->mark});
    return true;
}

/// The third revision shifts bits, which are then not known.
bool connmark(const Rule& rule, std::uint8_t revision, Octets octets) {
    const auto info = infoOf<xt_connmark_tginfo1>(octets);
    const auto shifted = revision == 2 ? infoOf<xt_connmark_tginfo2>(octets) : std::nullopt;
    if (!info || (revision == 2 && !shifted)) return false;
    const unsigned mode = shifted ? shifted->mode : info->mode;
    const bool shifts = shifted && shifted->shift_bits != 0;
    if (mode == XT_CONNMARK_SET && !shifts)
        rule.add(MarkChange{Field::FlowMark, ~info->ctmask, info->ctmark});
    else if (mode == XT_CONNMARK_RESTORE)
        rule.add(MarkChange{Field::Mark, ~info->nfmask, std::nullopt});
    else
        rule.add(MarkChange{Field::FlowMark, ~info->ctmask, std::nullopt});
    return true;
}

bool anyMark(const Rule& rule, std::uint8_t /*revision*/, Octets /*octets*/) {
    rule.add(MarkChange{Field::Mark, 0, std::nullopt});
    return true;
}

bool track(const Rule& rule, std::uint8_t /*revision*/, Octets octets) {
    const auto flags = infoOf<std::uint16_t>(octets);
    if (!flags) return false;
    if ((*flags & XT_CT_NOTRACK) != 0) rule.add(Untrack{});
    return true;
}

bool notrack(const Rule& rule, std::uint8_t /*revision*/, Octets /*octets*/) {
    rule.add(Untrack{});
    return true;
}

/// The packet goes on, and to the next rule.
bool goesOn(const Rule& /*rule*/, std::uint8_t /*revision*/, Octets /*octets*/) {
    return true;
}

struct Named {
    std::string_view name;
    Target target;
};
constexpr std::array kTargets{
    Named{"AUDIT", goesOn},       Named{"CHAOS", drop},
    Named{"CHECKSUM", goesOn},    Named{"CLASSIFY", goesOn},
    Named{"CONNMARK", connmark},  Named{"CONNSECMARK", goesOn},
    Named{"CT", track},           Named{"DELUDE", drop},
    Named{"DNAT", dnat},          Named{"DROP", drop},
    Named{"DSCP", goesOn},        Named{"ECN", goesOn},
    Named{"FLOWOFFLOAD", goesOn}, Named{"HL", goesOn},
    Named{"HMARK", anyMark},      Named{"IDLETIMER", goesOn},
    Named{"LED", goesOn},         Named{"LOG", goesOn},
    Named{"MARK", mark},          Named{"MASQUERADE", masquerade},
    Named{"NETMAP", netmap},      Named{"NFLOG", goesOn},
    Named{"NOTRACK", notrack},    Named{"RATEEST", goesOn},
    Named{"REDIRECT", redirect},  Named{"REJECT", drop},
    Named{"SECMARK", goesOn},     Named{"SET", goesOn},
    Named{"SNAT", snat},          Named{"TARPIT", drop},
    Named{"TCPMSS", goesOn},      Named{"TCPOPTSTRIP", goesOn},
    Named{"TEE", goesOn},         Named{"TOS", goesOn},
    Named{"TRACE", goesOn},       Named{"TTL", goesOn},
    Named{"ULOG", goesOn},
};
static_assert(std::ranges::is_sorted(kTargets, {}, &Named::name));

}  // namespace

Target targetOf(std::string_view name) {
    const auto found = std::ranges::lower_bound(kTargets, name, {}, &Named::name);
    return found != kTargets.end() && found->name == name ? found->target : nullptr;
}

}  // namespace igd::inspect::xt
