// SPDX-License-Identifier: GPL-2.0-or-later
// Comparisons and changes of register contents (expressions cmp, range, bitwise, byteorder) in the
// words of the model.
#pragma once

#include "nft_registers.h"

#include "upnpd/inspect/ruleset.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace igd::inspect {

/// Returns the steps for "`pieces` op `octets`" (enum nft_cmp_ops).
[[nodiscard]] std::vector<Step> compared(const std::vector<Piece>& pieces, std::uint32_t op,
                                         Bytes octets);

/// Returns the step for "`pieces` are from `first` to `last`", or are not.
[[nodiscard]] Step ranged(const std::vector<Piece>& pieces, Bytes first, Bytes last, bool inverted);

/// Returns the bits of the field that comparisons look at; kAllOnes: all that it has.
[[nodiscard]] Word comparedMask(const FieldOctets& field);

/// Returns the words of the field that give register contents from `first` to `last`, for `mask`
/// of the field; nullopt: they are no interval, or nobody knows.
[[nodiscard]] std::optional<Interval> intervalOf(const FieldOctets& field, Bytes first, Bytes last);

/// Returns `piece` after (octets & mask) ^ flip; mask and flip have its size.
[[nodiscard]] Content masked(const Piece& piece, Bytes mask, Bytes flip);
/// Returns `piece` shifted to the right by `count` bits; below 0: to the left.
[[nodiscard]] Content shifted(const Piece& piece, int count);
/// Returns `piece` in the other order of octets, number by number of `size` octets.
[[nodiscard]] Content swapped(const Piece& piece, std::size_t size);

}  // namespace igd::inspect
