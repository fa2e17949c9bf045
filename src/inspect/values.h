// SPDX-License-Identifier: GPL-2.0-or-later
// A rule names values, and a packet's fields are among them or not.
#pragma once

#include "upnpd/inspect/ruleset.h"

#include <cstdint>
#include <string>
#include <vector>

namespace igd::inspect {

/// Several fields side by side; mostly one.
using Tuple = std::vector<Value>;
using Extract = std::function<Value(const Packet&)>;

/// An interval from first to last; one value is both. Names are single, with '*' at the end for
/// "whatever follows".
struct Interval {
    Value first;
    Value last;
};
/// One interval for each field of the tuple.
using Element = std::vector<Interval>;

[[nodiscard]] inline Truth negated(Truth truth) {
    if (truth == Truth::Unknown) return truth;
    return truth == Truth::Yes ? Truth::No : Truth::Yes;
}
[[nodiscard]] inline Truth both(Truth a, Truth b) {
    if (a == Truth::No || b == Truth::No) return Truth::No;
    return a == Truth::Yes && b == Truth::Yes ? Truth::Yes : Truth::Unknown;
}
[[nodiscard]] inline Truth either(Truth a, Truth b) {
    return negated(both(negated(a), negated(b)));
}
[[nodiscard]] inline Truth truthOf(bool value) {
    return value ? Truth::Yes : Truth::No;
}

/// Returns Unknown where either is unknown, or they are of different kinds.
[[nodiscard]] Truth isWithin(const Value& value, const Interval& interval);
[[nodiscard]] Truth isElement(const Tuple& tuple, const Element& element);
[[nodiscard]] Truth isAmong(const Tuple& tuple, const std::vector<Element>& elements);

/// Reads "192.168.0.0/16" or "10.0.0.1" as an interval of address numbers; nullopt: no IPv4
/// address.
[[nodiscard]] std::optional<Interval> addressInterval(std::string_view text);
/// Reads "tcp" or "6"; nullopt for a name of an uncommon protocol.
[[nodiscard]] std::optional<std::uint64_t> protocolNumber(std::string_view text);

[[nodiscard]] inline std::uint64_t numberOf(Protocol protocol) {
    return static_cast<std::uint64_t>(protocol);
}

/// The bits of connection tracking (linux/netfilter/nf_conntrack_common.h, nft's ct state).
namespace ct {
constexpr std::uint64_t kInvalid = 1, kEstablished = 2, kRelated = 4, kNew = 8, kUntracked = 64;
constexpr std::uint64_t kSourceNat = 16, kDestinationNat = 32;
}  // namespace ct

}  // namespace igd::inspect
