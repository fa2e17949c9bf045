// SPDX-License-Identifier: GPL-2.0-or-later
// IPv4 addresses and prefixes as values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace igd {

class Ipv4Address {
public:
    constexpr Ipv4Address() = default;
    /// `value` in host byte order: 10.0.0.1 is 0x0a000001.
    constexpr explicit Ipv4Address(std::uint32_t value) : value_(value) {}
    auto operator<=>(const Ipv4Address&) const = default;

    [[nodiscard]] constexpr std::uint32_t value() const { return value_; }
    [[nodiscard]] constexpr bool isUnspecified() const { return value_ == 0; }
    [[nodiscard]] constexpr bool isLoopback() const { return value_ >> 24 == 127; }
    [[nodiscard]] constexpr bool isMulticast() const { return value_ >> 28 == 0xe; }
    [[nodiscard]] constexpr bool isBroadcast() const { return value_ == 0xffffffff; }
    /// RFC 1918, section 3.
    [[nodiscard]] bool isPrivate() const;
    /// RFC 6598: 100.64.0.0/10, carrier-grade NAT.
    [[nodiscard]] bool isCarrierNat() const;
    /// RFC 3927: 169.254.0.0/16.
    [[nodiscard]] constexpr bool isLinkLocal() const { return value_ >> 16 == 0xa9fe; }
    /// A host of the Internet could reach it: it is in none of the ranges of the IANA registry of
    /// RFC 6890 that are not for that (see rangeName()).
    [[nodiscard]] bool isPublic() const;
    /// A host could have it: not 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/4, 240.0.0.0/4.
    [[nodiscard]] bool isOfHost() const;

private:
    std::uint32_t value_ = 0;
};

/// Four decimal numbers of 0..255 without leading zeros; nothing else (no "10.1", no octal).
[[nodiscard]] std::optional<Ipv4Address> parseIpv4Address(std::string_view text);
[[nodiscard]] std::string toString(Ipv4Address address);

/// What range it is of, in a word or two for people: "public", "private", "carrier NAT",
/// "link-local" ...
[[nodiscard]] std::string_view rangeName(Ipv4Address address);

struct Ipv4Prefix {
    Ipv4Address address;    ///< as given: host bits may be set (192.168.1.1/24)
    std::uint8_t length{};  ///< 0..32
    auto operator<=>(const Ipv4Prefix&) const = default;

    [[nodiscard]] std::uint32_t mask() const;
    [[nodiscard]] bool contains(Ipv4Address other) const;
    [[nodiscard]] Ipv4Address network() const;
    [[nodiscard]] Ipv4Address broadcast() const;
    /// A host of this network may have `other`: inside, and neither network nor broadcast address
    /// (a /31 or /32 has neither, RFC 3021).
    [[nodiscard]] bool isHost(Ipv4Address other) const;
};

/// "192.168.1.0/24"; without "/n" it is /32.
[[nodiscard]] std::optional<Ipv4Prefix> parseIpv4Prefix(std::string_view text);
[[nodiscard]] std::string toString(const Ipv4Prefix& prefix);

}  // namespace igd
