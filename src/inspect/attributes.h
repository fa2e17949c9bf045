// SPDX-License-Identifier: GPL-2.0-or-later
// Netlink attributes (linux/netlink.h) as a view of octets: a length and a type of two octets each
// in the host's order, the payload, and a gap to the next multiple of four. An attribute that would
// go beyond the end ends the view.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace igd::inspect {

using Bytes = std::span<const std::byte>;

struct Attribute {
    std::uint16_t type = 0;
    Bytes payload;
};

class Attributes {
public:
    explicit Attributes(Bytes bytes) : rest_(bytes) {}

    /// Returns the next attribute; nullopt: there is none, or it is cut short.
    std::optional<Attribute> next() {
        std::uint16_t length = 0, type = 0;
        if (rest_.size() < kHeader) return std::nullopt;
        std::memcpy(&length, rest_.data(), sizeof length);
        std::memcpy(&type, rest_.data() + sizeof length, sizeof type);
        if (length < kHeader || length > rest_.size()) return std::nullopt;
        const Attribute attribute{static_cast<std::uint16_t>(type & kTypeMask),
                                  rest_.subspan(kHeader, length - kHeader)};
        rest_ = rest_.subspan(std::min(rest_.size(), (length + kAlign - 1) & ~(kAlign - 1)));
        return attribute;
    }

private:
    static constexpr std::size_t kHeader = 4, kAlign = 4;
    static constexpr std::uint16_t kTypeMask = 0x3fff;  // NLA_TYPE_MASK

    Bytes rest_;
};

/// Returns the payload of the first attribute of that type; nullopt: there is none.
[[nodiscard]] inline std::optional<Bytes> find(Bytes attributes, int type) {
    Attributes all{attributes};
    while (const auto attribute = all.next())
        if (attribute->type == type) return attribute->payload;
    return std::nullopt;
}

/// Returns the payload of the attribute of that type, and nothing where there is none.
[[nodiscard]] inline Bytes nested(Bytes attributes, int type) {
    return find(attributes, type).value_or(Bytes{});
}

/// Reads a number in network order; nullopt where it is not of that size.
template <class Number>
[[nodiscard]] std::optional<Number> numberIn(std::optional<Bytes> payload) {
    if (!payload || payload->size() != sizeof(Number)) return std::nullopt;
    std::uint64_t value = 0;
    for (const std::byte octet : *payload) value = value << 8 | std::to_integer<unsigned>(octet);
    return static_cast<Number>(value);
}
template <class Number>
[[nodiscard]] std::optional<Number> numberIn(Bytes attributes, int type) {
    return numberIn<Number>(find(attributes, type));
}

/// Reads text up to its NUL or its end; empty where there is none.
[[nodiscard]] inline std::string_view textIn(Bytes attributes, int type) {
    const Bytes payload = nested(attributes, type);
    const std::string_view text{reinterpret_cast<const char*>(payload.data()), payload.size()};
    return text.substr(0, text.find('\0'));
}

}  // namespace igd::inspect
