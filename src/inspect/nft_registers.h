// SPDX-License-Identifier: GPL-2.0-or-later
// The registers of nftables' machine while a rule is read: 64 octets, and for each stretch of them
// the part of a packet, the constant or the element of a map that an expression has put there.
#pragma once

#include "attributes.h"

#include "upnpd/inspect/ruleset.h"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace igd::inspect {

/// The numbers in a register that stand for a field.
enum class Coding : std::uint8_t {
    Plain,
    EtherType,  ///< 0x0800, 0x86dd for a family
    Presence,   ///< 1: the field is not 0
    Name,       ///< of an interface, for its number: empty is 0
};

/// Octets of a field: ((field & mask) ^ flip) >> shift. Octet i in the register is octet `at + i`
/// of the field's word; where it is `reversed`, they are counted from the last.
struct FieldOctets {
    Field field = Field::NotKnown;
    Coding coding = Coding::Plain;
    bool reversed = false;
    std::uint8_t at = 0;
    std::int8_t shift = 0;  ///< below 0: to the left
    Word mask{};
    Word flip{};
};

/// Octets of an element's data, from `offset` on. `lookup` is the number of the lookup in its rule.
struct MapOctets {
    std::uint32_t lookup = 0;
    std::uint8_t offset = 0;
};

using Constant = std::vector<std::uint8_t>;

/// monostate: nobody knows.
using Content = std::variant<std::monostate, FieldOctets, MapOctets, Constant>;

struct Piece {
    std::uint8_t at = 0;    ///< its first octet
    std::uint8_t size = 0;  ///< in octets
    Content content;
};

/// Returns a field of `size` octets as it stands in packets; numbers stand at the end of a word,
/// names at its beginning. `hostOrder`: as the processor writes numbers.
[[nodiscard]] FieldOctets numberField(Field field, std::size_t size, bool hostOrder);
[[nodiscard]] FieldOctets nameField(Field field);

/// Returns a word with `octets` where the field has them.
[[nodiscard]] Word placed(const FieldOctets& field, Bytes octets);

class Registers {
public:
    static constexpr std::size_t kSize = 64;

    /// Returns the first octet of a register by its number in messages (enum nft_registers);
    /// nullopt: there is no such one, or it is that of the verdict.
    [[nodiscard]] static std::optional<std::size_t> placeOf(std::optional<std::uint32_t> number);

    /// Leaves out all beyond the last register. The rest of the last four octets is cleared.
    void store(std::size_t at, std::size_t size, Content content);

    /// Returns the pieces of that stretch in their order. Gaps are pieces of which nobody knows,
    /// but for those that fill up four octets.
    [[nodiscard]] std::vector<Piece> read(std::size_t at, std::size_t size) const;

private:
    std::vector<Piece> pieces_;  // sorted, none overlaps another
};

}  // namespace igd::inspect
