// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/ip_address.h"

#include <fmt/format.h>

#include <algorithm>

#include <arpa/inet.h>

namespace igd {
namespace {

constexpr std::size_t kLongestText = 45;
constexpr std::size_t kLongestZone = 64;

bool startsWithZeros(const Ipv6Address& address, std::size_t count) {
    return std::all_of(address.bytes().begin(),
                       address.bytes().begin() + static_cast<std::ptrdiff_t>(count),
                       [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

bool Ipv6Address::isLoopback() const {
    return startsWithZeros(*this, 15) && bytes_[15] == 1;
}

bool Ipv6Address::isGlobal() const {
    return !isMulticast() && !isLinkLocal() && !isUniqueLocal() && !startsWithZeros(*this, 12) &&
           !mapped();
}

std::optional<Ipv4Address> Ipv6Address::mapped() const {
    if (!startsWithZeros(*this, 10) || bytes_[10] != 0xff || bytes_[11] != 0xff)
        return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 12; i < bytes_.size(); ++i) value = value << 8 | bytes_[i];
    return Ipv4Address{value};
}

Ipv6Address mappedAddress(Ipv4Address address) {
    Ipv6Address::Bytes bytes{};
    bytes[10] = bytes[11] = 0xff;
    for (std::size_t i = 0; i < 4; ++i)
        bytes[12 + i] = static_cast<std::uint8_t>(address.value() >> (24 - 8 * i));
    return Ipv6Address{bytes};
}

std::optional<Ipv6Address> parseIpv6Address(std::string_view text) {
    if (text.empty() || text.size() > kLongestText) return std::nullopt;
    Ipv6Address::Bytes bytes{};
    if (::inet_pton(AF_INET6, std::string{text}.c_str(), bytes.data()) != 1) return std::nullopt;
    return Ipv6Address{bytes};
}

std::optional<Ipv6Address> parseNamedIpv6Address(std::string_view text) {
    if (text.starts_with('[') != text.ends_with(']')) return std::nullopt;
    if (text.starts_with('[')) text = text.substr(1, text.size() - 2);
    const auto zone = text.find('%');
    if (zone != std::string_view::npos && text.size() - zone - 1 > kLongestZone)
        return std::nullopt;
    return parseIpv6Address(text.substr(0, zone));
}

std::string toString(const Ipv6Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET6, address.bytes().data(), text.data(), text.size());
    return text.data();
}

bool Ipv6Prefix::contains(const Ipv6Address& other) const {
    const std::size_t whole = length / 8U;
    const auto& own = address.bytes();
    if (!std::equal(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(whole),
                    other.bytes().begin()))
        return false;
    if (length % 8 == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - length % 8));
    return ((own.at(whole) ^ other.bytes().at(whole)) & mask) == 0;
}

std::string toString(const Ipv6Prefix& prefix) {
    return fmt::format("{}/{}", toString(prefix.address), prefix.length);
}

Ipv6Address asIpv6(const IpAddress& address) {
    const auto* const four = std::get_if<Ipv4Address>(&address);
    return four != nullptr ? mappedAddress(*four) : std::get<Ipv6Address>(address);
}

IpAddress normalised(const Ipv6Address& address) {
    if (const auto mapped = address.mapped()) return *mapped;
    return address;
}

std::optional<IpAddress> parseIpAddress(std::string_view text) {
    if (const auto four = parseIpv4Address(text)) return *four;
    if (const auto six = parseIpv6Address(text)) return normalised(*six);
    return std::nullopt;
}

std::string toString(const IpAddress& address) {
    return std::visit([](const auto& one) { return toString(one); }, address);
}

std::string urlHost(const IpAddress& address) {
    return std::holds_alternative<Ipv4Address>(address) ? toString(address)
                                                        : fmt::format("[{}]", toString(address));
}

}  // namespace igd
