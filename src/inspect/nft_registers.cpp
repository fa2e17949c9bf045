// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft_registers.h"

#include <algorithm>
#include <bit>

#include <linux/netfilter/nf_tables.h>

namespace igd::inspect {
namespace {

constexpr std::size_t kSlot = NFT_REG32_SIZE;
constexpr bool kLittleEndian = std::endian::native == std::endian::little;

Word onesAt(std::size_t at, std::size_t size) {
    Word word;
    for (std::size_t i = at; i < std::min(at + size, Word::kSize); ++i) word.octets[i] = 0xff;
    return word;
}

/// Cuts `skipped` octets off the front of a piece and leaves `size` of it.
Piece clipped(Piece piece, std::size_t skipped, std::size_t size) {
    if (auto* const field = std::get_if<FieldOctets>(&piece.content)) {
        const std::size_t tail = piece.size - skipped - size;
        field->at = static_cast<std::uint8_t>(field->at + (field->reversed ? tail : skipped));
        field->mask = field->mask & onesAt(field->at, size);
        field->flip = field->flip & onesAt(field->at, size);
        if (field->shift != 0 && size != piece.size) piece.content = std::monostate{};
    } else if (auto* const map = std::get_if<MapOctets>(&piece.content)) {
        map->offset = static_cast<std::uint8_t>(map->offset + skipped);
    } else if (auto* const constant = std::get_if<Constant>(&piece.content)) {
        constant->erase(constant->begin(),
                        constant->begin() + static_cast<std::ptrdiff_t>(skipped));
        constant->resize(size);
    }
    piece.at = static_cast<std::uint8_t>(piece.at + skipped);
    piece.size = static_cast<std::uint8_t>(size);
    return piece;
}

/// Returns the part of `piece` between the two octets; `from` is in it, or before it.
Piece between(const Piece& piece, std::size_t from, std::size_t to) {
    const std::size_t begin = std::max<std::size_t>(piece.at, from);
    const std::size_t end = std::min<std::size_t>(piece.at + piece.size, to);
    return clipped(piece, begin - piece.at, end - begin);
}

/// Returns the first slot that begins there or behind.
std::size_t slotFrom(std::size_t at) {
    return (at + kSlot - 1) / kSlot * kSlot;
}

}  // namespace

FieldOctets numberField(Field field, std::size_t size, bool hostOrder) {
    FieldOctets octets{.field = field};
    octets.reversed = hostOrder && kLittleEndian && size > 1;
    octets.at = static_cast<std::uint8_t>(Word::kSize - size);
    octets.mask = onesAt(octets.at, size);
    return octets;
}

FieldOctets nameField(Field field) {
    return {.field = field, .mask = kAllOnes};
}

Word placed(const FieldOctets& field, Bytes octets) {
    Word word;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const std::size_t at = field.at + (field.reversed ? octets.size() - 1 - i : i);
        if (at < Word::kSize) word.octets[at] = std::to_integer<std::uint8_t>(octets[i]);
    }
    return word;
}

std::optional<std::size_t> Registers::placeOf(std::optional<std::uint32_t> number) {
    if (!number) return std::nullopt;
    if (*number >= NFT_REG_1 && *number <= NFT_REG_4) return (*number - NFT_REG_1) * NFT_REG_SIZE;
    if (*number >= NFT_REG32_00 && *number <= NFT_REG32_15) return (*number - NFT_REG32_00) * kSlot;
    return std::nullopt;
}

void Registers::store(std::size_t at, std::size_t size, Content content) {
    if (at >= kSize || size == 0) return;
    const std::size_t end = at + std::min(size, kSize - at);
    if (auto* const constant = std::get_if<Constant>(&content)) constant->resize(end - at);
    std::vector<Piece> kept;
    kept.reserve(pieces_.size() + 2);
    const std::size_t cleared = slotFrom(end);
    for (const Piece& piece : pieces_) {
        if (piece.at < at) kept.push_back(between(piece, 0, at));
        if (piece.at + piece.size > static_cast<int>(cleared))
            kept.push_back(between(piece, cleared, kSize));
    }
    kept.push_back(
        {static_cast<std::uint8_t>(at), static_cast<std::uint8_t>(end - at), std::move(content)});
    std::ranges::sort(kept, {}, &Piece::at);
    pieces_ = std::move(kept);
}

std::vector<Piece> Registers::read(std::size_t at, std::size_t size) const {
    std::vector<Piece> found;
    const std::size_t end = std::min(at + size, kSize);
    std::size_t reached = at;
    const auto gap = [&](std::size_t to) {
        const std::size_t from = reached == at ? at : slotFrom(reached);
        if (to > from)
            found.push_back({static_cast<std::uint8_t>(from), static_cast<std::uint8_t>(to - from),
                             std::monostate{}});
    };
    for (const Piece& piece : pieces_) {
        if (piece.at + piece.size <= static_cast<int>(at) || piece.at >= end) continue;
        gap(piece.at);
        found.push_back(between(piece, at, end));
        reached = found.back().at + std::size_t{found.back().size};
    }
    gap(end);
    return found;
}

}  // namespace igd::inspect
