// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft_compare.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace igd::inspect {
namespace {

constexpr std::uint64_t kNoFamily = 0xff;
constexpr std::uint64_t kFragmentFlags = 0x4000;  // "do not fragment" is on some packets
constexpr int kNumberBits = 32;
constexpr bool kLittleEndian = std::endian::native == std::endian::little;

std::uint64_t numberOf(const Word& word) {
    std::uint64_t number = 0;
    for (std::size_t i = Word::kSize - sizeof number; i < Word::kSize; ++i)
        number = number << 8 | word.octets[i];
    return number;
}

/// Undoes the shift of a number of 32 bits; nullopt: no number becomes this one by it.
std::optional<Word> unshifted(const Word& word, int shift) {
    if (shift == 0) return word;
    const std::uint64_t number = numberOf(word);
    const std::uint64_t before = shift > 0 ? number << shift : number >> -shift;
    const bool fits = shift > 0 ? before >> kNumberBits == 0 : before << -shift == number;
    return fits ? std::optional{wordOf(before)} : std::nullopt;
}

/// Undoes the shift of a mask: bits that it has lost are none.
Word unshiftedMask(const Word& word, int shift) {
    if (shift == 0) return word;
    const std::uint64_t number = numberOf(word);
    return wordOf((shift > 0 ? number << shift : number >> -shift) & 0xffffffff);
}

/// Returns the octets that a field has in packets.
std::size_t sizeOf(Field field) {
    switch (field) {
        case Field::Family:
        case Field::TransportProtocol:
        case Field::TcpFlags:
        case Field::FlowDirection:
        case Field::FlowProtocol:
        case Field::PacketType:
            return 1;
        case Field::SourcePort:
        case Field::DestinationPort:
        case Field::OriginalSourcePort:
        case Field::OriginalDestinationPort:
        case Field::ReplySourcePort:
        case Field::Fragment:
            return 2;
        case Field::InInterface:
        case Field::OutInterface:
        case Field::Source6:
        case Field::Destination6:
        case Field::OriginalSource6:
        case Field::OriginalDestination6:
        case Field::ReplySource6:
            return Word::kSize;
        default:
            return sizeof(std::uint32_t);
    }
}

std::uint64_t familyOf(std::uint64_t etherType) {
    if (etherType == ETH_P_IP) return NFPROTO_IPV4;
    return etherType == ETH_P_IPV6 ? std::uint64_t{NFPROTO_IPV6} : kNoFamily;
}

bool isPlain(const FieldOctets& field) {
    return field.coding == Coding::Plain && field.field != Field::NotKnown;
}

bool isKnown(const FieldOctets& field) {
    const bool flags =
        field.field == Field::Fragment && (field.mask & wordOf(kFragmentFlags)) != Word{};
    return field.field != Field::NotKnown && !flags;
}

/// A register that counts as a number is compared octet by octet, from the first.
bool isOrdered(const FieldOctets& field, std::size_t size) {
    return isPlain(field) && field.shift == 0 && field.flip == Word{} &&
           (!field.reversed || size == 1);
}

std::optional<Interval> single(const FieldOctets& field, Bytes octets) {
    const Word value = placed(field, octets);
    if (field.coding == Coding::EtherType) {
        const std::uint64_t type = numberOf(value);
        const Word family = wordOf(familyOf(type));
        return Interval{family, family};
    }
    if (field.coding == Coding::Presence)
        return value == Word{} ? Interval{} : Interval{wordOf(1), kAllOnes};
    if (field.coding == Coding::Name)
        return value == Word{} ? std::optional{Interval{}} : std::nullopt;
    const auto before = unshifted(value, field.shift);
    if (!before) return std::nullopt;
    return Interval{*before ^ field.flip, *before ^ field.flip};
}

Step comparison(const FieldOctets& field, const Interval& interval, bool inverted) {
    return Comparison{field.field, inverted, comparedMask(field), interval.first, interval.last};
}

/// A name up to its NUL is all of it.
bool isWholeName(const FieldOctets& field, Bytes octets) {
    const bool name = field.field == Field::InInterface || field.field == Field::OutInterface;
    return name && field.at == 0 && field.flip == Word{} && octets.back() == std::byte{0};
}

Step equal(const FieldOctets& field, Bytes octets, bool inverted) {
    const auto interval = isKnown(field) ? single(field, octets) : std::nullopt;
    if (interval && isWholeName(field, octets))
        return Comparison{field.field, inverted, kAllOnes, interval->first, interval->last};
    if (interval) return comparison(field, *interval, inverted);
    // The interface's name is not known; a number that the shift never gives is.
    if (!isKnown(field) || field.coding != Coding::Plain) return Guess{};
    return Guess{inverted ? Truth::Yes : Truth::No};
}

Step bounded(const FieldOctets& field, std::uint32_t op, Bytes octets) {
    if (!isKnown(field) || !isOrdered(field, octets.size())) return Guess{};
    const Word value = placed(field, octets);
    switch (op) {
        case NFT_CMP_LT:
            return comparison(field, {value, field.mask}, true);
        case NFT_CMP_LTE:
            return comparison(field, {Word{}, value}, false);
        case NFT_CMP_GT:
            return comparison(field, {Word{}, value}, true);
        case NFT_CMP_GTE:
            return comparison(field, {value, field.mask}, false);
        default:
            return Guess{};
    }
}

Step constant(const Constant& content, Bytes octets, bool inverted) {
    const bool same = std::ranges::equal(content, octets, {}, {}, [](std::byte octet) {
        return std::to_integer<std::uint8_t>(octet);
    });
    return Guess{same != inverted ? Truth::Yes : Truth::No};
}

Step comparedOne(const Piece& piece, std::uint32_t op, Bytes octets) {
    const bool equality = op == NFT_CMP_EQ || op == NFT_CMP_NEQ;
    if (const auto* const field = std::get_if<FieldOctets>(&piece.content))
        return equality ? equal(*field, octets, op == NFT_CMP_NEQ) : bounded(*field, op, octets);
    const auto* const fixed = std::get_if<Constant>(&piece.content);
    return equality && fixed != nullptr ? constant(*fixed, octets, op == NFT_CMP_NEQ) : Guess{};
}

/// Several fields at once are not those octets.
Step noneOf(const std::vector<Piece>& pieces, Bytes octets) {
    Membership membership;
    membership.inverted = true;
    Set set;
    set.width = pieces.size();
    for (const Piece& piece : pieces) {
        const auto* const field = std::get_if<FieldOctets>(&piece.content);
        if (field == nullptr || !isKnown(*field)) return Guess{};
        const auto interval =
            single(*field, octets.subspan(std::size_t{piece.at} - pieces.front().at, piece.size));
        if (!interval) return Guess{};
        membership.operands.push_back({field->field, comparedMask(*field)});
        set.intervals.push_back(*interval);
    }
    membership.set = std::make_shared<const Set>(std::move(set));
    return membership;
}

}  // namespace

std::vector<Step> compared(const std::vector<Piece>& pieces, std::uint32_t op, Bytes octets) {
    if (pieces.empty()) return {Guess{}};
    if (pieces.size() == 1) return {comparedOne(pieces.front(), op, octets.first(pieces[0].size))};
    if (op == NFT_CMP_NEQ) return {noneOf(pieces, octets)};
    if (op != NFT_CMP_EQ) return {Guess{}};
    std::vector<Step> steps;
    steps.reserve(pieces.size());
    for (const Piece& piece : pieces)
        steps.push_back(comparedOne(
            piece, op, octets.subspan(std::size_t{piece.at} - pieces.front().at, piece.size)));
    return steps;
}

Word comparedMask(const FieldOctets& field) {
    // A coding has no bits that could be left out.
    if (field.coding != Coding::Plain) return kAllOnes;
    const bool all = field.mask == numberField(field.field, sizeOf(field.field), false).mask;
    return all ? kAllOnes : field.mask;
}

std::optional<Interval> intervalOf(const FieldOctets& field, Bytes first, Bytes last) {
    if (!isKnown(field)) return std::nullopt;
    if (std::ranges::equal(first, last)) return single(field, first);
    if (!isOrdered(field, first.size())) return std::nullopt;
    return Interval{placed(field, first), placed(field, last)};
}

Step ranged(const std::vector<Piece>& pieces, Bytes first, Bytes last, bool inverted) {
    const auto* const field =
        pieces.size() == 1 ? std::get_if<FieldOctets>(&pieces[0].content) : nullptr;
    if (field == nullptr || first.size() != last.size()) return Guess{};
    const auto interval = intervalOf(*field, first, last);
    return interval ? comparison(*field, *interval, inverted) : Guess{};
}

Content masked(const Piece& piece, Bytes mask, Bytes flip) {
    if (const auto* const fixed = std::get_if<Constant>(&piece.content)) {
        Constant result = *fixed;
        for (std::size_t i = 0; i < result.size() && i < mask.size() && i < flip.size(); ++i)
            result[i] =
                static_cast<std::uint8_t>((result[i] & std::to_integer<std::uint8_t>(mask[i])) ^
                                          std::to_integer<std::uint8_t>(flip[i]));
        return result;
    }
    const auto* const field = std::get_if<FieldOctets>(&piece.content);
    if (field == nullptr || field->coding != Coding::Plain) return std::monostate{};
    FieldOctets result = *field;
    const auto flipped = unshifted(placed(result, flip), result.shift);
    if (!flipped) return std::monostate{};
    const Word kept = unshiftedMask(placed(result, mask), result.shift);
    result.mask = result.mask & kept;
    result.flip = (result.flip & kept) ^ *flipped;
    return result;
}

Content shifted(const Piece& piece, int count) {
    const auto* const field = std::get_if<FieldOctets>(&piece.content);
    const bool fits = field != nullptr && isPlain(*field) && field->shift == 0 &&
                      piece.size == sizeof(std::uint32_t) && std::abs(count) < kNumberBits &&
                      field->at + piece.size == Word::kSize && field->reversed == kLittleEndian;
    if (!fits || (field->flip != Word{} && count != 0)) return std::monostate{};
    FieldOctets result = *field;
    result.shift = static_cast<std::int8_t>(count);
    // Bits that fall out do not count any more.
    const std::uint64_t all = 0xffffffff;
    result.mask = result.mask & wordOf(count > 0 ? all << count & all : all >> -count);
    return result;
}

Content swapped(const Piece& piece, std::size_t size) {
    if (!kLittleEndian) return piece.content;
    if (const auto* const fixed = std::get_if<Constant>(&piece.content)) {
        Constant result = *fixed;
        for (std::size_t at = 0; size > 0 && at + size <= result.size(); at += size)
            std::reverse(result.begin() + static_cast<std::ptrdiff_t>(at),
                         result.begin() + static_cast<std::ptrdiff_t>(at + size));
        return result;
    }
    const auto* const field = std::get_if<FieldOctets>(&piece.content);
    if (field == nullptr || field->coding != Coding::Plain || piece.size != size)
        return std::monostate{};
    FieldOctets result = *field;
    result.reversed = !result.reversed && size > 1;
    return result;
}

}  // namespace igd::inspect
