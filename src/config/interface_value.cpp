// SPDX-License-Identifier: GPL-2.0-or-later
#include "interface_value.h"

#include "upnpd/net/ip_address.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace igd {
namespace {

bool isAddress(std::string_view text) {
    const auto address = text.substr(0, text.find('/'));
    const bool isMeantSo = address.find_first_not_of("0123456789.") == std::string_view::npos &&
                           std::ranges::count(address, '.') == 3;
    return isMeantSo || parseIpv6Address(address);
}

/// Returns the length of a mask like 255.255.255.0; nullopt when its ones are not together.
std::optional<std::uint8_t> lengthOf(Ipv4Address mask) {
    const int ones = std::countl_one(mask.value());
    if (std::popcount(mask.value()) != ones) return std::nullopt;
    return static_cast<std::uint8_t>(ones);
}

}  // namespace

tl::expected<InterfaceName, std::string> readInterface(std::string_view text) {
    if (isAddress(text))
        return tl::unexpected<std::string>(
            "an address is no interface: expected the name of the network interface that has it");
    if (const auto colon = text.find(':'); colon != std::string_view::npos && colon > 0)
        return tl::unexpected(fmt::format("an alias is one more address of {0}: name {0}",
                                          igd::quoted(text.substr(0, colon))));
    if (equalsIgnoringCase(text, "auto"))
        return tl::unexpected<std::string>(
            "upnpd follows the default route to the Internet, and chooses no LAN: expected the "
            "name of an interface (upnpd --suggest prints those of this host)");
    const auto name = InterfaceName::parse(text);
    if (!name) return tl::unexpected<std::string>("expected the name of a network interface");
    return *name;
}

tl::expected<Uplink, std::string> readUplink(std::string_view text) {
    if (equalsIgnoringCase(text, "auto")) return Uplink{};
    std::string spaced{text};
    std::ranges::replace(spaced, ',', ' ');
    Uplink uplink;
    for (const std::string_view word : words(spaced)) {
        if (equalsIgnoringCase(word, "auto"))
            return tl::unexpected<std::string>(
                "auto stands alone: expected the names of interfaces");
        const auto name = readInterface(word);
        if (!name) return tl::unexpected(name.error());
        if (uplink.has(*name))
            return tl::unexpected(fmt::format("{} stands there twice", name->text()));
        uplink.names.push_back(*name);
    }
    if (uplink.isAuto()) return tl::unexpected(readInterface(text).error());
    return uplink;
}

tl::expected<InternalValue, std::string> readInternalValue(std::string_view text) {
    if (text.find('*') == std::string_view::npos) {
        const auto name = readInterface(text);
        if (!name) return tl::unexpected(name.error());
        return *name;
    }
    const auto pattern = InterfacePattern::parse(text);
    if (!pattern)
        return tl::unexpected<std::string>(
            "expected a pattern like ve-*: characters of a name, with * for any others");
    return *pattern;
}

std::optional<Ipv4Prefix> readNetwork(std::string_view text) {
    if (const auto prefix = parseIpv4Prefix(text)) return prefix;
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto address = parseIpv4Address(text.substr(0, slash));
    const auto mask = parseIpv4Address(text.substr(slash + 1));
    const auto length = mask ? lengthOf(*mask) : std::nullopt;
    return address && length ? std::optional{Ipv4Prefix{*address, *length}} : std::nullopt;
}

}  // namespace igd
