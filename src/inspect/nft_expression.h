// SPDX-License-Identifier: GPL-2.0-or-later
// Expressions of nft's JSON (libnftables-json(5), EXPRESSIONS) become functions of a packet.
#pragma once

#include "values.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace igd::inspect {

using Json = nlohmann::json;

/// The kind of a field says how the other side of a comparison is read.
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

/// One field of a packet.
struct Field {
    Kind kind = Kind::Other;
    Extract value;
};
/// The left side of a comparison: the fields, and the conditions under which the rule looks at them
/// at all (`tcp dport` is about TCP).
struct Left {
    std::vector<Field> fields;
    std::optional<Protocol> onlyFor;
    bool never = false;  ///< of another protocol than IPv4 with TCP or UDP
    [[nodiscard]] Tuple of(const Packet& packet) const;
};
[[nodiscard]] Left leftOf(const Json& expression);

/// The elements of a set, or of a map with what they lead to.
struct NftSet {
    std::vector<std::pair<Json, Json>> elements;  ///< the second is null in a set
};
/// The sets by "family table name".
using NftSets = std::map<std::string, NftSet>;

/// Returns the right side of a comparison with `left`, read as the fields' kinds say. A value that
/// cannot be read is unknown.
[[nodiscard]] Element elementOf(const Json& value, const std::vector<Field>& fields);
/// Returns the elements of an anonymous set, of "@name" in `table` ("inet filter"), or one value.
[[nodiscard]] std::vector<Element> elementsOf(const Json& right, const std::vector<Field>& fields,
                                              const NftSets& sets, const std::string& table);

/// Returns a number that a statement computes: "meta mark | 8".
[[nodiscard]] Extract numberOf(const Json& expression);

/// Returns `value` of {"elem": {"val": value, ...}}, or `element` itself.
[[nodiscard]] const Json& bare(const Json& element);

}  // namespace igd::inspect
