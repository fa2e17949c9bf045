// SPDX-License-Identifier: GPL-2.0-or-later
// IPv6 addresses and prefixes as values, and addresses of either kind.
#pragma once

#include "upnpd/net/address.h"

#include <array>
#include <variant>

namespace igd {

class Ipv6Address {
public:
    using Bytes = std::array<std::uint8_t, 16>;  ///< in network order

    constexpr Ipv6Address() = default;
    constexpr explicit Ipv6Address(const Bytes& bytes) : bytes_(bytes) {}
    auto operator<=>(const Ipv6Address&) const = default;

    [[nodiscard]] constexpr const Bytes& bytes() const { return bytes_; }
    [[nodiscard]] constexpr bool isUnspecified() const { return *this == Ipv6Address{}; }
    [[nodiscard]] bool isLoopback() const;
    [[nodiscard]] constexpr bool isMulticast() const { return bytes_[0] == 0xff; }
    /// Returns whether it is in fe80::/10 (RFC 4291 section 2.5.6).
    [[nodiscard]] constexpr bool isLinkLocal() const {
        return bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
    }
    /// Returns whether it is in fc00::/7 (RFC 4193).
    [[nodiscard]] constexpr bool isUniqueLocal() const { return (bytes_[0] & 0xfe) == 0xfc; }
    /// Returns whether hosts elsewhere can reach it: it is none of the above and no IPv4 address in
    /// disguise (::/96, ::ffff:0:0/96).
    [[nodiscard]] bool isGlobal() const;
    /// Returns the IPv4 address in ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2); otherwise nullopt.
    [[nodiscard]] std::optional<Ipv4Address> mapped() const;

private:
    Bytes bytes_{};
};

/// Returns ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2).
[[nodiscard]] Ipv6Address mappedAddress(Ipv4Address address);

/// Reads the text form of RFC 4291 section 2.2, without a zone; otherwise returns nullopt.
[[nodiscard]] std::optional<Ipv6Address> parseIpv6Address(std::string_view text);
/// Reads that form as programs name hosts by it, too: in brackets ("[2001:db8::1]"), and with a
/// zone
/// ("fe80::1%eth0", RFC 4007 section 11), which says something to its own host alone and is
/// dropped.
[[nodiscard]] std::optional<Ipv6Address> parseNamedIpv6Address(std::string_view text);
/// Returns the text form of RFC 5952.
[[nodiscard]] std::string toString(const Ipv6Address& address);

struct Ipv6Prefix {
    Ipv6Address address;    ///< as given: host bits may be set
    std::uint8_t length{};  ///< 0..128
    auto operator<=>(const Ipv6Prefix&) const = default;

    [[nodiscard]] bool contains(const Ipv6Address& other) const;
};

/// Returns "2001:db8::1/64".
[[nodiscard]] std::string toString(const Ipv6Prefix& prefix);

/// An address of either family. A mapped one is never in here as IPv6: see normalised().
using IpAddress = std::variant<Ipv4Address, Ipv6Address>;

/// Returns it as PCP and sockets of both families write it: an IPv4 address is mapped.
[[nodiscard]] Ipv6Address asIpv6(const IpAddress& address);
/// Returns the IPv4 address if it is a mapped one, otherwise `address` (IGD-Access-06,
/// IGD-Quirk-42).
[[nodiscard]] IpAddress normalised(const Ipv6Address& address);
/// Reads an address of either family, without brackets and zone; a mapped one is the IPv4 address.
/// nullopt: it is none.
[[nodiscard]] std::optional<IpAddress> parseIpAddress(std::string_view text);
[[nodiscard]] std::string toString(const IpAddress& address);
/// Returns it as a URL has it: "192.168.1.1", "[2001:db8::1]".
[[nodiscard]] std::string urlHost(const IpAddress& address);

}  // namespace igd
