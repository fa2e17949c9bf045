// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft_rule_decoder.h"

#include "nft_compare.h"

#include "upnpd/inspect/xt_decoder.h"

#include <algorithm>
#include <array>
#include <utility>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>

namespace igd::inspect {
namespace {

/// Returns the family of the address that a comparison is about; nullopt: it is of none.
std::optional<Word> familyOf(const Step& step) {
    const auto* const comparison = std::get_if<Comparison>(&step);
    if (comparison == nullptr) return std::nullopt;
    if (comparison->field == Field::Source4 || comparison->field == Field::Destination4)
        return wordOf(std::uint64_t{NFPROTO_IPV4});
    if (comparison->field == Field::Source6 || comparison->field == Field::Destination6)
        return wordOf(std::uint64_t{NFPROTO_IPV6});
    return std::nullopt;
}

}  // namespace

// An expression that is not here may be anything: the rule goes on, or not.
constexpr std::array<NftRuleDecoder::Entry, NftRuleDecoder::kEntries> NftRuleDecoder::kHandlers{{
    {"bitwise", &NftRuleDecoder::bitwise},
    {"byteorder", &NftRuleDecoder::byteorder},
    {"cmp", &NftRuleDecoder::compare},
    {"connlimit", &NftRuleDecoder::connlimit},
    {"counter", &NftRuleDecoder::goesOn},
    {"ct", &NftRuleDecoder::flow},
    {"dup", &NftRuleDecoder::goesOn},
    {"dynset", &NftRuleDecoder::dynset},
    {"exthdr", &NftRuleDecoder::exthdr},
    {"fib", &NftRuleDecoder::route},
    {"fwd", &NftRuleDecoder::drop},
    {"hash", &NftRuleDecoder::loadAt2},
    {"immediate", &NftRuleDecoder::immediate},
    {"last", &NftRuleDecoder::goesOn},
    {"limit", &NftRuleDecoder::limit},
    {"log", &NftRuleDecoder::goesOn},
    {"lookup", &NftRuleDecoder::lookup},
    {"masq", &NftRuleDecoder::masquerade},
    {"match", &NftRuleDecoder::match},
    {"meta", &NftRuleDecoder::meta},
    {"nat", &NftRuleDecoder::nat},
    {"notrack", &NftRuleDecoder::untrack},
    {"numgen", &NftRuleDecoder::loadAt1},
    {"objref", &NftRuleDecoder::objref},
    {"osf", &NftRuleDecoder::loadAt1},
    {"payload", &NftRuleDecoder::payload},
    {"queue", &NftRuleDecoder::mayEnd},
    {"quota", &NftRuleDecoder::quota},
    {"range", &NftRuleDecoder::range},
    {"redir", &NftRuleDecoder::redirect},
    {"reject", &NftRuleDecoder::drop},
    {"rt", &NftRuleDecoder::loadAt1},
    {"socket", &NftRuleDecoder::loadAt2},
    {"synproxy", &NftRuleDecoder::mayEnd},
    {"target", &NftRuleDecoder::target},
    {"tunnel", &NftRuleDecoder::loadAt2},
    {"xfrm", &NftRuleDecoder::loadAt1},
}};

NftRuleDecoder::Handler NftRuleDecoder::handlerOf(std::string_view expression) {
    static_assert(std::ranges::is_sorted(kHandlers, {}, &Entry::name));
    const auto* const found = std::ranges::lower_bound(kHandlers, expression, {}, &Entry::name);
    const bool known = found != kHandlers.end() && found->name == expression;
    return known ? found->handler : &NftRuleDecoder::unknown;
}

DecodedRule NftRuleDecoder::decode(Bytes expressions) {
    rule_ = {};
    registers_ = {};
    headers_ = {};
    narrow_ = false;
    if (family_ == NFPROTO_IPV4 || family_ == NFPROTO_IPV6) headers_.family = family_;
    Attributes all{expressions};
    while (const auto attribute = all.next())
        if (attribute->type == NFTA_LIST_ELEM) expression(attribute->payload);
    return std::move(rule_);
}

void NftRuleDecoder::expression(Bytes attributes) {
    (this->*handlerOf(textIn(attributes, NFTA_EXPR_NAME)))(nested(attributes, NFTA_EXPR_DATA));
}

/// A packet of another family has no such address, so the family in front of it says nothing.
void NftRuleDecoder::add(Step step) {
    const auto* const last =
        rule_.steps.empty() ? nullptr : std::get_if<Comparison>(&rule_.steps.back());
    if (last != nullptr && last->field == Field::Family && !last->inverted &&
        familyOf(step) == last->first && familyOf(step) == last->last)
        rule_.steps.pop_back();
    rule_.steps.push_back(std::move(step));
}

void NftRuleDecoder::load(std::optional<std::uint32_t> reg, std::size_t size, Content content) {
    if (const auto at = Registers::placeOf(reg)) registers_.store(*at, size, std::move(content));
}

void NftRuleDecoder::loadUnknown(Bytes data, int attribute) {
    load(numberIn<std::uint32_t>(data, attribute), NFT_REG_SIZE, std::monostate{});
}

void NftRuleDecoder::loadAt1(Bytes data) {
    static_assert(NFTA_NG_DREG == 1 && NFTA_OSF_DREG == 1 && NFTA_RT_DREG == 1 &&
                  NFTA_XFRM_DREG == 1);
    loadUnknown(data, 1);
}

void NftRuleDecoder::loadAt2(Bytes data) {
    static_assert(NFTA_HASH_DREG == 2 && NFTA_SOCKET_DREG == 2 && NFTA_TUNNEL_DREG == 2);
    loadUnknown(data, 2);
}

void NftRuleDecoder::payload(Bytes data) {
    const auto at = Registers::placeOf(numberIn<std::uint32_t>(data, NFTA_PAYLOAD_DREG));
    if (!at) return;  // it writes into the packet
    const auto number = [&](int type) { return numberIn<std::uint32_t>(data, type).value_or(~0U); };
    for (Piece& piece : payloadFields(number(NFTA_PAYLOAD_BASE), number(NFTA_PAYLOAD_OFFSET),
                                      number(NFTA_PAYLOAD_LEN), headers_))
        registers_.store(*at + piece.at, piece.size, std::move(piece.content));
}

void NftRuleDecoder::meta(Bytes data) {
    const std::uint32_t key = numberIn<std::uint32_t>(data, NFTA_META_KEY).value_or(~0U);
    const auto source = numberIn<std::uint32_t>(data, NFTA_META_SREG);
    if (source) {
        if (key == NFT_META_MARK) changeMark(Field::Mark, source);
        return;
    }
    const Loaded loaded = metaField(key);
    load(numberIn<std::uint32_t>(data, NFTA_META_DREG), loaded.size, loaded.octets);
}

void NftRuleDecoder::flow(Bytes data) {
    const std::uint32_t key = numberIn<std::uint32_t>(data, NFTA_CT_KEY).value_or(~0U);
    const auto source = numberIn<std::uint32_t>(data, NFTA_CT_SREG);
    if (source) {
        if (key == NFT_CT_MARK) changeMark(Field::FlowMark, source);
        return;
    }
    const Loaded loaded = flowField(key, numberIn<std::uint8_t>(data, NFTA_CT_DIRECTION), headers_);
    load(numberIn<std::uint32_t>(data, NFTA_CT_DREG), loaded.size, loaded.octets);
}

void NftRuleDecoder::route(Bytes data) {
    const Loaded loaded = routeField(numberIn<std::uint32_t>(data, NFTA_FIB_RESULT).value_or(0),
                                     numberIn<std::uint32_t>(data, NFTA_FIB_FLAGS).value_or(0));
    load(numberIn<std::uint32_t>(data, NFTA_FIB_DREG), loaded.size, loaded.octets);
}

void NftRuleDecoder::immediate(Bytes data) {
    const Bytes content = nested(data, NFTA_IMMEDIATE_DATA);
    const Bytes verdict = nested(content, NFTA_DATA_VERDICT);
    if (const auto code = numberIn<std::int32_t>(verdict, NFTA_VERDICT_CODE)) {
        if (*code != NFT_CONTINUE)
            add(verdictOf(*code, textIn(verdict, NFTA_VERDICT_CHAIN), chainOf_));
        return;
    }
    Constant octets;
    for (const std::byte octet : nested(content, NFTA_DATA_VALUE))
        octets.push_back(std::to_integer<std::uint8_t>(octet));
    const std::size_t size = octets.size();
    load(numberIn<std::uint32_t>(data, NFTA_IMMEDIATE_DREG), size, std::move(octets));
}

/// Carries an operation on a stretch of octets out, piece by piece.
void NftRuleDecoder::bitwise(Bytes data) {
    const auto from = Registers::placeOf(numberIn<std::uint32_t>(data, NFTA_BITWISE_SREG));
    const auto to = Registers::placeOf(numberIn<std::uint32_t>(data, NFTA_BITWISE_DREG));
    const std::size_t size = numberIn<std::uint32_t>(data, NFTA_BITWISE_LEN).value_or(0);
    if (!from || !to || size > Registers::kSize) return;
    const auto op = numberIn<std::uint32_t>(data, NFTA_BITWISE_OP).value_or(NFT_BITWISE_BOOL);
    const Bytes mask = nested(nested(data, NFTA_BITWISE_MASK), NFTA_DATA_VALUE);
    const Bytes flip = nested(nested(data, NFTA_BITWISE_XOR), NFTA_DATA_VALUE);
    std::uint32_t count = 0;
    if (const Bytes octets = nested(nested(data, NFTA_BITWISE_DATA), NFTA_DATA_VALUE);
        octets.size() == sizeof count)
        std::memcpy(&count, octets.data(), sizeof count);
    const auto worked = [&](const Piece& piece) -> Content {
        const std::size_t at = piece.at - *from;
        if (op == NFT_BITWISE_BOOL && mask.size() >= at + piece.size &&
            flip.size() >= at + piece.size)
            return masked(piece, mask.subspan(at, piece.size), flip.subspan(at, piece.size));
        if (op == NFT_BITWISE_LSHIFT && count < 32) return shifted(piece, -static_cast<int>(count));
        if (op == NFT_BITWISE_RSHIFT && count < 32) return shifted(piece, static_cast<int>(count));
        return std::monostate{};
    };
    for (const Piece& piece : registers_.read(*from, size))
        registers_.store(*to + piece.at - *from, piece.size, worked(piece));
}

void NftRuleDecoder::byteorder(Bytes data) {
    const auto from = Registers::placeOf(numberIn<std::uint32_t>(data, NFTA_BYTEORDER_SREG));
    const auto to = Registers::placeOf(numberIn<std::uint32_t>(data, NFTA_BYTEORDER_DREG));
    const std::size_t size = numberIn<std::uint32_t>(data, NFTA_BYTEORDER_LEN).value_or(0);
    const std::size_t number = numberIn<std::uint32_t>(data, NFTA_BYTEORDER_SIZE).value_or(0);
    if (!from || !to || size > Registers::kSize) return;
    for (const Piece& piece : registers_.read(*from, size))
        registers_.store(*to + piece.at - *from, piece.size, swapped(piece, number));
}

/// An ordinary packet has no extension headers and no options of IP; TCP options are not known.
void NftRuleDecoder::exthdr(Bytes data) {
    const auto reg = numberIn<std::uint32_t>(data, NFTA_EXTHDR_DREG);
    if (!reg) return;  // it writes into the packet
    const auto op = numberIn<std::uint32_t>(data, NFTA_EXTHDR_OP).value_or(NFT_EXTHDR_OP_IPV6);
    const auto flags = numberIn<std::uint32_t>(data, NFTA_EXTHDR_FLAGS).value_or(0);
    if (op == NFT_EXTHDR_OP_TCPOPT) return load(reg, NFT_REG_SIZE, std::monostate{});
    if ((flags & NFT_EXTHDR_F_PRESENT) != 0) return load(reg, 1, Constant{0});
    load(reg, NFT_REG_SIZE, FieldOctets{.field = Field::OfOtherPackets});
}

void NftRuleDecoder::changeMark(Field mark, std::optional<std::uint32_t> reg) {
    MarkChange change;
    change.field = mark;
    const auto at = Registers::placeOf(reg);
    const std::vector<Piece> pieces =
        at ? registers_.read(*at, sizeof(std::uint32_t)) : std::vector<Piece>{};
    const auto numberOf = [](const Word& word) {
        std::uint32_t number = 0;
        for (std::size_t i = Word::kSize - sizeof number; i < Word::kSize; ++i)
            number = number << 8 | word.octets[i];
        return number;
    };
    if (pieces.size() == 1 && pieces[0].size == sizeof(std::uint32_t)) {
        if (const auto* const octets = std::get_if<Constant>(&pieces[0].content))
            change.flip = numberOf(placed(numberField(mark, sizeof(std::uint32_t), true),
                                          std::as_bytes(std::span{*octets})));
        const auto* const field = std::get_if<FieldOctets>(&pieces[0].content);
        if (field != nullptr && field->field == mark && field->shift == 0) {
            change.keep = numberOf(field->mask);
            change.flip = numberOf(field->flip);
        }
    }
    add(change);
}

void NftRuleDecoder::drop(Bytes) {
    add(Verdict{Ending::Drop});
}

void NftRuleDecoder::untrack(Bytes) {
    add(Untrack{});
}

void NftRuleDecoder::mayEnd(Bytes) {
    add(Verdict{Ending::Unknown});
}

void NftRuleDecoder::goesOn(Bytes) {}

void NftRuleDecoder::unknown(Bytes) {
    add(Guess{});
}

void NftRuleDecoder::match(Bytes data) {
    const std::string_view name = textIn(data, NFTA_MATCH_NAME);
    const Bytes info = nested(data, NFTA_MATCH_INFO);
    if (auto comment = xtComment(name, info)) rule_.comment = std::move(comment);
    const auto revision = numberIn<std::uint32_t>(data, NFTA_MATCH_REV).value_or(0);
    decodeXtMatch(rule_.steps, name, static_cast<std::uint8_t>(revision), info,
                  family_ == NFPROTO_IPV6);
}

void NftRuleDecoder::target(Bytes data) {
    const auto revision = numberIn<std::uint32_t>(data, NFTA_TARGET_REV).value_or(0);
    decodeXtTarget(rule_.steps, textIn(data, NFTA_TARGET_NAME), static_cast<std::uint8_t>(revision),
                   nested(data, NFTA_TARGET_INFO), family_ == NFPROTO_IPV6);
}

}  // namespace igd::inspect
