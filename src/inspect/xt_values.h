// SPDX-License-Identifier: GPL-2.0-or-later
// The octets of x_tables' structures as values of the model.
#pragma once

#include "upnpd/inspect/ruleset.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <linux/netfilter.h>

namespace igd::inspect::xt {

/// Steps, and the family whose fields they look at.
struct Rule {
    std::vector<Step>& steps;
    bool ipv6 = false;

    void add(Step step) const { steps.push_back(std::move(step)); }
    void guess(Truth truth) const { add(Guess{truth}); }
    /// The answer that an ordinary packet gets.
    void guess(bool yes) const { guess(yes ? Truth::Yes : Truth::No); }
};

/// Returns the structure at the start of `octets`; nullopt: they are too few.
template <class Info>
std::optional<Info> infoOf(std::span<const std::byte> octets) {
    static_assert(std::is_trivially_copyable_v<Info>);
    if (octets.size() < sizeof(Info)) return std::nullopt;
    Info info;
    std::memcpy(&info, octets.data(), sizeof info);
    return info;
}

/// Returns the address of `family`, which is in network order.
inline IpAddress addressOf(const nf_inet_addr& address, bool ipv6) {
    if (!ipv6) return Ipv4Address{ntohl(address.ip)};
    Ipv6Address::Bytes octets;
    std::memcpy(octets.data(), &address.in6, octets.size());
    return Ipv6Address{octets};
}
inline Word wordOf(const nf_inet_addr& address, bool ipv6) {
    return inspect::wordOf(addressOf(address, ipv6));
}

/// Returns one of a pair of fields.
constexpr Field fieldOf(bool ipv6, Field field4, Field field6) {
    return ipv6 ? field6 : field4;
}

/// A field of a packet is between two numbers.
inline Comparison within(Field field, std::uint64_t first, std::uint64_t last,
                         bool inverted = false) {
    return {field, inverted, kAllOnes, inspect::wordOf(first), inspect::wordOf(last)};
}

/// The bits of `mask` have that value.
inline Comparison masked(Field field, std::uint64_t mask, std::uint64_t value, bool inverted) {
    const Word word = inspect::wordOf(value);
    return {field, inverted, inspect::wordOf(mask), word, word};
}

/// One bit of `mask` is set, or none.
inline Comparison anyOf(Field field, std::uint64_t mask, bool inverted) {
    return masked(field, mask, 0, !inverted);
}

inline Interval interval(std::uint64_t first, std::uint64_t last) {
    return {inspect::wordOf(first), inspect::wordOf(last)};
}

inline std::shared_ptr<const Set> setOf(std::size_t width, std::vector<Interval> intervals) {
    return std::make_shared<const Set>(Set{width, std::move(intervals)});
}

}  // namespace igd::inspect::xt
