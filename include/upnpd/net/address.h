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
    /// Makes the address from `value` in host byte order: 10.0.0.1 is 0x0a000001.
    constexpr explicit Ipv4Address(std::uint32_t value) : value_(value) {}
    auto operator<=>(const Ipv4Address&) const = default;

    [[nodiscard]] constexpr std::uint32_t value() const { return value_; }
    [[nodiscard]] constexpr bool isUnspecified() const { return value_ == 0; }
    [[nodiscard]] constexpr bool isLoopback() const { return value_ >> 24 == 127; }
    [[nodiscard]] constexpr bool isMulticast() const { return value_ >> 28 == 0xe; }
    [[nodiscard]] constexpr bool isBroadcast() const { return value_ == 0xffffffff; }
    /// Returns whether it is private (RFC 1918, section 3).
    [[nodiscard]] bool isPrivate() const;
    /// Returns whether it is of carrier-grade NAT: 100.64.0.0/10 (RFC 6598).
    [[nodiscard]] bool isCarrierNat() const;
    /// Returns whether it is link-local: 169.254.0.0/16 (RFC 3927).
    [[nodiscard]] constexpr bool isLinkLocal() const { return value_ >> 16 == 0xa9fe; }
    /// Returns whether a host of the Internet could reach it: it is in none of the special ranges
    /// of the IANA registry of RFC 6890 (see rangeName()).
    [[nodiscard]] bool isPublic() const;
    /// Returns whether a host could have it: it is not in 0.0.0.0/8, 127.0.0.0/8, 224.0.0.0/4 or
    /// 240.0.0.0/4.
    [[nodiscard]] bool isOfHost() const;

private:
    std::uint32_t value_ = 0;
};

/// Reads four decimal numbers of 0..255 without leading zeros, and nothing else (no "10.1", no
/// octal); otherwise returns nullopt.
[[nodiscard]] std::optional<Ipv4Address> parseIpv4Address(std::string_view text);
[[nodiscard]] std::string toString(Ipv4Address address);

/// Returns the name of its range for people: "public", "private", "carrier NAT", "link-local" ...
[[nodiscard]] std::string_view rangeName(Ipv4Address address);

struct Ipv4Prefix {
    Ipv4Address address;    ///< as given: host bits may be set (192.168.1.1/24)
    std::uint8_t length{};  ///< 0..32
    auto operator<=>(const Ipv4Prefix&) const = default;

    [[nodiscard]] std::uint32_t mask() const;
    [[nodiscard]] bool contains(Ipv4Address other) const;
    [[nodiscard]] Ipv4Address network() const;
    [[nodiscard]] Ipv4Address broadcast() const;
    /// Returns whether a host of this network may have `other`: inside, and neither network nor
    /// broadcast address (a /31 or /32 has neither, RFC 3021).
    [[nodiscard]] bool isHost(Ipv4Address other) const;
};

/// Reads "192.168.1.0/24"; without "/n" it is /32. Returns nullopt for anything else.
[[nodiscard]] std::optional<Ipv4Prefix> parseIpv4Prefix(std::string_view text);
[[nodiscard]] std::string toString(const Ipv4Prefix& prefix);

}  // namespace igd
