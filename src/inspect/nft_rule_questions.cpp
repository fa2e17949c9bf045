// SPDX-License-Identifier: GPL-2.0-or-later
// The expressions that ask something of a packet, and those that translate it.
#include "nft_compare.h"
#include "nft_rule_decoder.h"

#include <algorithm>
#include <utility>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>

namespace igd::inspect {
namespace {

Bytes valueIn(Bytes data, int type) {
    return nested(nested(data, type), NFTA_DATA_VALUE);
}

bool isAddress(Field field) {
    return field == Field::Source4 || field == Field::Source6 || field == Field::Destination4 ||
           field == Field::Destination6;
}

}  // namespace

void NftRuleDecoder::compare(Bytes data) {
    const auto at = Registers::placeOf(numberIn<std::uint32_t>(data, NFTA_CMP_SREG));
    const Bytes octets = valueIn(data, NFTA_CMP_DATA);
    const auto op = numberIn<std::uint32_t>(data, NFTA_CMP_OP);
    if (!at || !op || octets.empty() || *at + octets.size() > Registers::kSize) return add(Guess{});
    for (Step& step : compared(registers_.read(*at, octets.size()), *op, octets)) {
        if (const auto* const comparison = std::get_if<Comparison>(&step)) learn(*comparison);
        add(std::move(step));
    }
}

/// Makes a note of what the rest of the rule may count on.
void NftRuleDecoder::learn(const Comparison& comparison) {
    if (comparison.inverted || comparison.first != comparison.last) return;
    const std::uint8_t number = comparison.first.octets.back();
    if (comparison.field == Field::Family) headers_.family = number;
    if (comparison.field == Field::TransportProtocol) headers_.transport = number;
    if (isAddress(comparison.field)) narrow_ = true;
}

void NftRuleDecoder::range(Bytes data) {
    const auto at = Registers::placeOf(numberIn<std::uint32_t>(data, NFTA_RANGE_SREG));
    const Bytes first = valueIn(data, NFTA_RANGE_FROM_DATA);
    const Bytes last = valueIn(data, NFTA_RANGE_TO_DATA);
    const auto op = numberIn<std::uint32_t>(data, NFTA_RANGE_OP);
    if (!at || !op || first.empty()) return add(Guess{});
    add(ranged(registers_.read(*at, first.size()), first, last, *op == NFT_RANGE_NEQ));
}

/// Returns the fields from `at` on that a key may be made of. How many of them it is made of, the
/// set tells.
std::vector<KeyPart> NftRuleDecoder::keyAt(std::size_t at) const {
    std::vector<KeyPart> key;
    for (const Piece& piece : registers_.read(at, Registers::kSize - at)) {
        const auto* const field = std::get_if<FieldOctets>(&piece.content);
        key.push_back({field == nullptr ? FieldOctets{} : *field,
                       static_cast<std::uint8_t>(piece.at - at), piece.size});
    }
    return key;
}

void NftRuleDecoder::lookup(Bytes data) {
    const auto at = Registers::placeOf(numberIn<std::uint32_t>(data, NFTA_LOOKUP_SREG));
    const auto target = numberIn<std::uint32_t>(data, NFTA_LOOKUP_DREG);
    const bool inverted =
        (numberIn<std::uint32_t>(data, NFTA_LOOKUP_FLAGS).value_or(0) & NFT_LOOKUP_F_INV) != 0;
    Lookup lookup;
    lookup.set = textIn(data, NFTA_LOOKUP_SET);
    lookup.narrow = narrow_;
    if (at) lookup.key = keyAt(*at);
    lookup.uses.push_back({rule_.steps.size(), {}});
    const auto number = static_cast<std::uint32_t>(rule_.lookups.size());
    if (target == NFT_REG_VERDICT)
        add(VerdictMap{firstOperandOf(lookup), nullptr, nullptr});
    else
        add(Membership{firstOperandOf(lookup), nullptr, inverted});
    if (target && *target != NFT_REG_VERDICT) load(target, Registers::kSize, MapOctets{number, 0});
    rule_.lookups.push_back(std::move(lookup));
}

void NftRuleDecoder::limit(Bytes data) {
    const auto flags = numberIn<std::uint32_t>(data, NFTA_LIMIT_FLAGS).value_or(0);
    guess((flags & NFT_LIMIT_F_INV) == 0);
}

void NftRuleDecoder::connlimit(Bytes data) {
    const auto flags = numberIn<std::uint32_t>(data, NFTA_CONNLIMIT_FLAGS).value_or(0);
    guess((flags & NFT_CONNLIMIT_F_INV) == 0);
}

void NftRuleDecoder::quota(Bytes data) {
    const auto flags = numberIn<std::uint32_t>(data, NFTA_QUOTA_FLAGS).value_or(0);
    guess((flags & NFT_QUOTA_F_INV) == 0);
}

/// A packet puts itself into a set, which may ask for a rate of its own.
void NftRuleDecoder::dynset(Bytes data) {
    const auto flags = numberIn<std::uint32_t>(data, NFTA_DYNSET_FLAGS).value_or(0);
    if ((flags & NFT_DYNSET_F_INV) != 0) return add(Guess{});
    if (const auto one = find(data, NFTA_DYNSET_EXPR)) inSet(*one);
    Attributes all{nested(data, NFTA_DYNSET_EXPRESSIONS)};
    while (const auto attribute = all.next()) inSet(attribute->payload);
}

/// Takes the expression of an element; a set within it would never end.
void NftRuleDecoder::inSet(Bytes attributes) {
    if (textIn(attributes, NFTA_EXPR_NAME) != "dynset") expression(attributes);
}

/// The name of a counter or helper leaves the packet alone; that of a quota or limit decides.
void NftRuleDecoder::objref(Bytes data) {
    const auto type = numberIn<std::uint32_t>(data, NFTA_OBJREF_IMM_TYPE);
    const bool decides = !type || *type == NFT_OBJECT_QUOTA || *type == NFT_OBJECT_LIMIT ||
                         *type == NFT_OBJECT_CONNLIMIT;
    if (decides) return add(Guess{});
    if (*type == NFT_OBJECT_SYNPROXY) add(Verdict{Ending::Unknown});
}

NftRuleDecoder::Argument NftRuleDecoder::argument(Bytes data, int attribute,
                                                  std::size_t size) const {
    Argument argument;
    const auto reg = numberIn<std::uint32_t>(data, attribute);
    argument.there = reg.has_value();
    const auto at = Registers::placeOf(reg);
    if (!at) return argument;
    const std::vector<Piece> pieces = registers_.read(*at, size);
    if (pieces.size() != 1 || pieces[0].size != size) return argument;
    if (const auto* const octets = std::get_if<Constant>(&pieces[0].content))
        argument.octets = *octets;
    if (const auto* const map = std::get_if<MapOctets>(&pieces[0].content)) argument.map = *map;
    return argument;
}

void NftRuleDecoder::nat(Bytes data) {
    const auto type = numberIn<std::uint32_t>(data, NFTA_NAT_TYPE).value_or(NFT_NAT_SNAT);
    const auto family = numberIn<std::uint32_t>(data, NFTA_NAT_FAMILY).value_or(headers_.family);
    const auto flags = numberIn<std::uint32_t>(data, NFTA_NAT_FLAGS).value_or(0);
    const bool ipv6 = family == NFPROTO_IPV6;
    const std::size_t size = ipv6 ? sizeof(in6_addr) : sizeof(in_addr);
    const auto numbers = [&](int attribute) { return numberIn<std::uint32_t>(data, attribute); };
    const auto same = [&](int first, int last, std::size_t octets) {
        if (!numbers(last) || numbers(first) == numbers(last)) return true;
        const Argument a = argument(data, first, octets), b = argument(data, last, octets);
        return !a.map && !b.map && a.octets == b.octets;
    };
    const bool certain =
        (flags & NF_NAT_RANGE_NETMAP) == 0 &&
        same(NFTA_NAT_REG_ADDR_MIN, NFTA_NAT_REG_ADDR_MAX, size) &&
        same(NFTA_NAT_REG_PROTO_MIN, NFTA_NAT_REG_PROTO_MAX, sizeof(std::uint16_t));
    // In a table of both families the packets of the other one go on.
    if (headers_.family == 0 && (ipv6 || family == NFPROTO_IPV4))
        learn(std::get<Comparison>(rule_.steps.emplace_back(
            Comparison{Field::Family, false, kAllOnes, wordOf(family), wordOf(family)})));
    translate(type == NFT_NAT_DNAT ? Translating::Destination : Translating::Source,
              argument(data, NFTA_NAT_REG_ADDR_MIN, size),
              argument(data, NFTA_NAT_REG_PROTO_MIN, sizeof(std::uint16_t)), certain);
}

void NftRuleDecoder::masquerade(Bytes) {
    translate(Translating::Masquerade, {}, {}, true);
}

void NftRuleDecoder::redirect(Bytes data) {
    const bool certain = !find(data, NFTA_REDIR_REG_PROTO_MAX) ||
                         numberIn<std::uint32_t>(data, NFTA_REDIR_REG_PROTO_MIN) ==
                             numberIn<std::uint32_t>(data, NFTA_REDIR_REG_PROTO_MAX);
    translate(Translating::Redirect, {},
              argument(data, NFTA_REDIR_REG_PROTO_MIN, sizeof(std::uint16_t)), certain);
}

void NftRuleDecoder::translate(Translating kind, const Argument& address, const Argument& port,
                               bool certain) {
    Translation translation{.kind = kind};
    const auto known = [](const Argument& a) { return !a.there || a.map || !a.octets.empty(); };
    translation.unknownTarget = !certain || !known(address) || !known(port);
    if (address.octets.size() == sizeof(in_addr)) {
        std::uint32_t value = 0;
        for (const std::uint8_t octet : address.octets) value = value << 8 | octet;
        translation.address = Ipv4Address{value};
    } else if (address.octets.size() == sizeof(in6_addr)) {
        Ipv6Address::Bytes bytes{};
        std::ranges::copy(address.octets, bytes.begin());
        translation.address = Ipv6Address{bytes};
    }
    if (port.octets.size() == sizeof(std::uint16_t))
        translation.port = Port{static_cast<std::uint16_t>(port.octets[0] << 8 | port.octets[1])};
    const auto& map = address.map ? address.map : port.map;
    if (map && address.map && port.map && address.map->lookup != port.map->lookup)
        translation.unknownTarget = true;
    else if (map && map->lookup < rule_.lookups.size()) {
        Lookup& lookup = rule_.lookups[map->lookup];
        LookupUse use{rule_.steps.size(), {}};
        const bool ipv6 = headers_.family == NFPROTO_IPV6;
        if (address.map)
            use.target.addressAt = address.map->offset,
            use.target.addressSize = ipv6 ? sizeof(in6_addr) : sizeof(in_addr);
        if (port.map)
            use.target.portAt = port.map->offset, use.target.portSize = sizeof(std::uint16_t);
        translation.map =
            std::make_shared<const Translation::Map>(Translation::Map{firstOperandOf(lookup)});
        lookup.uses.push_back(use);
    }
    add(std::move(translation));
}

}  // namespace igd::inspect
