// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/peer_filter.h"

#include "upnpd/util/parse.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

constexpr std::uint8_t kMappedBits = 96;
constexpr std::uint8_t kBits = 128;

}  // namespace

std::optional<Ipv4Prefix> ipv4Part(const PeerFilter& filter) {
    const auto mapped = filter.remote.address.mapped();
    if (!mapped || filter.remote.length < kMappedBits) return std::nullopt;
    return Ipv4Prefix{*mapped, static_cast<std::uint8_t>(filter.remote.length - kMappedBits)};
}

bool covers(const PeerFilter& outer, const PeerFilter& inner) {
    return outer.remote.length <= inner.remote.length &&
           outer.remote.contains(inner.remote.address) &&
           (outer.port == Port{0} || outer.port == inner.port);
}

void add(std::vector<PeerFilter>& filters, const PeerFilter& filter) {
    if (std::ranges::any_of(filters, [&](const PeerFilter& old) { return covers(old, filter); }))
        return;
    std::erase_if(filters, [&](const PeerFilter& old) { return covers(filter, old); });
    filters.push_back(filter);
}

PeerFilter masked(const PeerFilter& filter) {
    constexpr unsigned kOctet = 8;
    Ipv6Address::Bytes bytes = filter.remote.address.bytes();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto first = static_cast<unsigned>(i) * kOctet;
        const unsigned kept = filter.remote.length > first ? filter.remote.length - first : 0;
        if (kept < kOctet) bytes[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
    }
    return {{Ipv6Address{bytes}, filter.remote.length}, filter.port};
}

std::string toString(const PeerFilter& filter) {
    const auto four = ipv4Part(filter);
    const std::string prefix =
        four ? toString(*four)
             : fmt::format("{}/{}", toString(filter.remote.address), filter.remote.length);
    return filter.port == Port{0} ? prefix : fmt::format("{}@{}", prefix, filter.port.value);
}

std::optional<PeerFilter> parsePeerFilter(std::string_view text) {
    PeerFilter filter;
    if (const auto at = text.find('@'); at != std::string_view::npos) {
        const auto port = parsePort(text.substr(at + 1));
        if (!port) return std::nullopt;
        filter.port = *port;
        text = text.substr(0, at);
    }
    if (const auto four = parseIpv4Prefix(text)) {
        filter.remote = {mappedAddress(four->address),
                         static_cast<std::uint8_t>(four->length + kMappedBits)};
        return filter;
    }
    const auto slash = text.find('/');
    const bool whole = slash == std::string_view::npos;
    const auto address = parseIpv6Address(text.substr(0, slash));
    const auto length =
        whole ? std::optional{kBits} : parseUnsigned<std::uint8_t>(text.substr(slash + 1));
    if (!address || !length || *length > kBits) return std::nullopt;
    filter.remote = {*address, *length};
    return filter;
}

}  // namespace igd
