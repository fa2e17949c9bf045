// SPDX-License-Identifier: GPL-2.0-or-later
// Expressions of nft's JSON (libnftables-json(5), EXPRESSIONS) as functions of a packet.
#pragma once

#include "values.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace igd::inspect {

using Json = nlohmann::json;

/// The kind of thing that a field holds: it says how the other side of a comparison is to be read.
enum class Kind : std::uint8_t {
    Number,
    Address,
    ProtocolNumber,
    Name,
    State,
    Status,
    AddressType,
    Family,
    Other
};

/// One field.
struct Field {
    Kind kind = Kind::Other;
    Extract value;
};
/// The left side of a comparison: the fields, and the condition for the rule to look at them at all
/// (`tcp dport` is about TCP).
struct Left {
    std::vector<Field> fields;
    std::optional<Protocol> onlyFor;
    bool never = false;  ///< of another protocol than IPv4 with TCP or UDP
    [[nodiscard]] Tuple of(const Packet& packet) const;
};
[[nodiscard]] Left leftOf(const Json& expression);

/// Elements of a set; those of a map with what they lead to.
struct NftSet {
    std::vector<std::pair<Json, Json>> elements;  ///< the second is null in a set
};
/// By "family table name".
using NftSets = std::map<std::string, NftSet>;

/// The right side of a comparison with `left`, read as the fields' kinds say; a value that cannot
/// be read is not known.
[[nodiscard]] Element elementOf(const Json& value, const std::vector<Field>& fields);
/// The elements of an anonymous set, of "@name" in `table` ("inet filter"), or one value.
[[nodiscard]] std::vector<Element> elementsOf(const Json& right, const std::vector<Field>& fields,
                                              const NftSets& sets, const std::string& table);

/// A number that a statement computes: "meta mark | 8".
[[nodiscard]] Extract numberOf(const Json& expression);

/// `value` of {"elem": {"val": value, ...}}, or itself.
[[nodiscard]] const Json& bare(const Json& element);

}  // namespace igd::inspect
