// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/address.h"

#include "upnpd/util/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace igd {
namespace {

constexpr std::uint32_t maskOf(unsigned length) {
    return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length);
}

constexpr bool inside(std::uint32_t address, std::uint32_t network, unsigned length) {
    return (address & maskOf(length)) == network;
}

struct Range {
    std::uint32_t network;
    unsigned length;
    std::string_view name;
};

/// All that no host of the Internet has (RFC 6890 and what it collects).
constexpr std::array kSpecial{
    Range{0x00000000, 8, "of no host"},     Range{0x0a000000, 8, "private"},
    Range{0x64400000, 10, "carrier NAT"},   Range{0x7f000000, 8, "loopback"},
    Range{0xa9fe0000, 16, "link-local"},    Range{0xac100000, 12, "private"},
    Range{0xc0000000, 24, "DS-Lite"},       Range{0xc0000200, 24, "documentation"},
    Range{0xc0a80000, 16, "private"},       Range{0xc6120000, 15, "benchmarking"},
    Range{0xc6336400, 24, "documentation"}, Range{0xcb007100, 24, "documentation"},
    Range{0xe0000000, 4, "multicast"},      Range{0xf0000000, 4, "reserved"}};

/// One of the four numbers: 0..255, "0" but not "00" or "01", which some readers take for octal.
std::optional<std::uint8_t> parseOctet(std::string_view text) {
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return parseUnsigned<std::uint8_t>(text);
}

}  // namespace

bool Ipv4Address::isPrivate() const {
    return inside(value_, 0x0a000000, 8) || inside(value_, 0xac100000, 12) ||
           inside(value_, 0xc0a80000, 16);
}

bool Ipv4Address::isCarrierNat() const {
    return inside(value_, 0x64400000, 10);
}

bool Ipv4Address::isPublic() const {
    return std::ranges::none_of(kSpecial, [this](const Range& range) {
        return inside(value_, range.network, range.length);
    });
}

bool Ipv4Address::isOfHost() const {
    return value_ >> 24 != 0 && value_ < 0xe0000000 && !isLoopback();
}

std::string_view rangeName(Ipv4Address address) {
    const auto* const range = std::ranges::find_if(kSpecial, [address](const Range& special) {
        return inside(address.value(), special.network, special.length);
    });
    return range == kSpecial.end() ? "public" : range->name;
}

std::optional<Ipv4Address> parseIpv4Address(std::string_view text) {
    std::uint32_t value = 0;
    for (int octets = 1; octets <= 4; ++octets) {
        const auto dot = octets == 4 ? text.size() : text.find('.');
        if (dot == std::string_view::npos) return std::nullopt;
        const auto octet = parseOctet(text.substr(0, dot));
        if (!octet) return std::nullopt;
        value = value << 8 | *octet;
        if (octets < 4) text.remove_prefix(dot + 1);
    }
    return Ipv4Address{value};
}

std::string toString(Ipv4Address address) {
    const auto v = address.value();
    return fmt::format("{}.{}.{}.{}", v >> 24, v >> 16 & 0xff, v >> 8 & 0xff, v & 0xff);
}

std::uint32_t Ipv4Prefix::mask() const {
    return maskOf(length);
}

bool Ipv4Prefix::contains(Ipv4Address other) const {
    return ((address.value() ^ other.value()) & maskOf(length)) == 0;
}

Ipv4Address Ipv4Prefix::network() const {
    return Ipv4Address{address.value() & maskOf(length)};
}

Ipv4Address Ipv4Prefix::broadcast() const {
    return Ipv4Address{address.value() | ~maskOf(length)};
}

bool Ipv4Prefix::isHost(Ipv4Address other) const {
    if (!contains(other)) return false;
    return length >= 31 || (other != network() && other != broadcast());
}

std::optional<Ipv4Prefix> parseIpv4Prefix(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parseIpv4Address(text.substr(0, slash));
    if (!address) return std::nullopt;
    if (slash == std::string_view::npos) return Ipv4Prefix{*address, 32};
    const auto length = parseUnsigned<std::uint8_t>(text.substr(slash + 1));
    if (!length || *length > 32) return std::nullopt;
    return Ipv4Prefix{*address, *length};
}

std::string toString(const Ipv4Prefix& prefix) {
    return fmt::format("{}/{}", toString(prefix.address), prefix.length);
}

}  // namespace igd
