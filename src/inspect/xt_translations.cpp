// SPDX-License-Identifier: GPL-2.0-or-later
#include "xt_translations.h"

#include <linux/netfilter/nf_nat.h>

namespace igd::inspect::xt {
namespace {

using Target = Translation::Target;

/// Returns the old structure of IPv4, or the first of those for both families, in the words of the
/// newest.
std::optional<nf_nat_range2> rangeOf(bool compact, std::uint8_t revision,
                                     std::span<const std::byte> octets) {
    if (revision >= 2) return infoOf<nf_nat_range2>(octets);
    nf_nat_range2 range{};
    if (compact) {
        const auto old = infoOf<nf_nat_ipv4_multi_range_compat>(octets);
        if (!old || old->rangesize != 1) return std::nullopt;
        range.flags = old->range[0].flags;
        range.min_addr.ip = old->range[0].min_ip;
        range.max_addr.ip = old->range[0].max_ip;
        range.min_proto = old->range[0].min;
        range.max_proto = old->range[0].max;
        return range;
    }
    const auto old = infoOf<nf_nat_range>(octets);
    if (!old) return std::nullopt;
    std::memcpy(&range, &*old, sizeof *old);
    return range;
}

/// The kernel leaves a port that is in the range as it is, and takes one of the range for others.
void portRange(Translation& translation, std::uint16_t first, std::uint16_t last) {
    std::vector<Interval> keys{interval(first, last)};
    std::vector<Target> targets{{translation.address, std::nullopt}};
    const Target chosen{translation.address, Port{first}};
    if (first > 0) {
        keys.push_back(interval(0, first - 1U));
        targets.push_back(chosen);
    }
    if (last < 0xffff) {
        keys.push_back(interval(last + 1U, 0xffff));
        targets.push_back(chosen);
    }
    translation.map = std::make_shared<const Translation::Map>(
        Translation::Map{{{Field::DestinationPort}},
                         setOf(1, std::move(keys)),
                         std::make_shared<const std::vector<Target>>(std::move(targets))});
}

void portOf(Translation& translation, const nf_nat_range2& range) {
    constexpr unsigned kChosen = NF_NAT_RANGE_PROTO_RANDOM_ALL | NF_NAT_RANGE_PROTO_OFFSET;
    const std::uint16_t first = ntohs(range.min_proto.all);
    const std::uint16_t last = ntohs(range.max_proto.all);
    if ((range.flags & NF_NAT_RANGE_PROTO_SPECIFIED) == 0) return;
    if (first >= last)
        translation.port = Port{first};
    else if ((range.flags & kChosen) != 0 || translation.unknownTarget)
        translation.unknownTarget = true;
    else
        portRange(translation, first, last);
}

void translate(const Rule& rule, Translating kind, const nf_nat_range2& range) {
    Translation translation;
    translation.kind = kind;
    if ((range.flags & NF_NAT_RANGE_MAP_IPS) != 0) {
        const IpAddress first = addressOf(range.min_addr, rule.ipv6);
        if (first == addressOf(range.max_addr, rule.ipv6))
            translation.address = first;
        else
            translation.unknownTarget = true;
    }
    if (kind == Translating::Destination || kind == Translating::Redirect)
        portOf(translation, range);
    rule.add(std::move(translation));
}

}  // namespace

bool dnat(const Rule& rule, std::uint8_t revision, std::span<const std::byte> octets) {
    const auto range = rangeOf(revision == 0, revision, octets);
    if (range) translate(rule, Translating::Destination, *range);
    return range.has_value();
}

bool snat(const Rule& rule, std::uint8_t revision, std::span<const std::byte> octets) {
    const auto range = rangeOf(revision == 0, revision, octets);
    if (range) translate(rule, Translating::Source, *range);
    return range.has_value();
}

bool masquerade(const Rule& rule, std::uint8_t /*revision*/, std::span<const std::byte> /*info*/) {
    Translation translation;
    translation.kind = Translating::Masquerade;
    rule.add(std::move(translation));
    return true;
}

bool redirect(const Rule& rule, std::uint8_t revision, std::span<const std::byte> octets) {
    auto range = rangeOf(!rule.ipv6, revision, octets);
    if (!range) return false;
    range->flags &= ~unsigned{NF_NAT_RANGE_MAP_IPS};
    translate(rule, Translating::Redirect, *range);
    return true;
}

bool netmap(const Rule& rule, std::uint8_t /*revision*/, std::span<const std::byte> /*info*/) {
    Translation translation;
    translation.kind = Translating::Destination;
    translation.unknownTarget = true;
    rule.add(std::move(translation));
    return true;
}

}  // namespace igd::inspect::xt
