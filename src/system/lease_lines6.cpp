// SPDX-License-Identifier: GPL-2.0-or-later
// The lines of IPv6: what PCP has mapped, and UPnP's pinholes.
#include "lease_words.h"

#include "upnpd/util/parse.h"

#include <fmt/format.h>

namespace igd {
namespace {

/// Behind the requester of a pinhole that is another host's; lines of earlier versions have nothing
/// there.
constexpr std::string_view kForAnother = "for-another";

std::optional<IpAddress> parseAddress(std::string_view text) {
    if (const auto four = parseIpv4Address(text)) return *four;
    if (const auto six = parseIpv6Address(text)) return *six;
    return std::nullopt;
}

}  // namespace

namespace lease {

std::optional<MappingKey> takeKey6(std::string_view& rest) {
    const auto protocol = parseAnyProtocol(takeWord(rest));
    const auto word = takeWord(rest);
    const auto port = protocol ? parsePortOf(*protocol, word) : std::nullopt;
    return port ? std::optional{MappingKey{*protocol, *port}} : std::nullopt;
}

std::optional<Ipv6Mapping> parseIpv6Mapping(std::string_view rest, const Now& now,
                                            Seconds longest) {
    const auto key = takeKey6(rest);
    const auto client = parseIpv6Address(takeWord(rest));
    const auto end = parseUnsigned<std::uint64_t>(takeWord(rest));
    Holder holder = parseHolder(takeWord(rest), now, longest);
    const auto requester = parseIpv6Address(rest);
    if (!key || !client || !end || *end == 0 || !holder.nonce || holder.origin != Origin::Pcp ||
        !requester)
        return std::nullopt;
    if (holder.igdShare || !areOfFamily(holder.filters, false)) return std::nullopt;
    return Ipv6Mapping{key->protocol,
                       *client,
                       key->externalPort,
                       *holder.nonce,
                       std::move(holder.filters),
                       endOf(*end, now, longest).value_or(now.monotonic),
                       *requester};
}

std::optional<Pinhole> parsePinhole(std::string_view rest, const Now& now, Seconds longest) {
    const auto id = parseUnsigned<PinholeId>(takeWord(rest));
    const auto protocol = takeWord(rest);
    const auto key = parseKey(protocol, takeWord(rest));
    const auto client = parseIpv6Address(takeWord(rest));
    const auto remoteWord = takeWord(rest);
    const auto remote = parseIpv6Address(remoteWord);
    const auto remotePort = parseUnsigned<std::uint16_t>(takeWord(rest));
    const auto end = parseUnsigned<std::uint64_t>(takeWord(rest));
    const auto requester = parseAddress(takeWord(rest));
    if (!id || !key || !client || (!remote && remoteWord != "any") || !remotePort || !end ||
        *end == 0 || !requester || (!rest.empty() && rest != kForAnother))
        return std::nullopt;
    const auto port = *remotePort == 0 ? std::nullopt : std::optional{Port{*remotePort}};
    return Pinhole{*id,
                   {remote, port, *client, key->externalPort, key->protocol},
                   endOf(*end, now, longest).value_or(now.monotonic),
                   *requester,
                   rest == kForAnother};
}

}  // namespace lease

using namespace lease;

std::string addLine(const Ipv6Mapping& mapping, const Now& now) {
    return fmt::format("add6 {} {} {} {} {}{} {}", lowerName(mapping.protocol), mapping.port.value,
                       toString(mapping.client), unixEnd(mapping.expiresAt, now), name(Origin::Pcp),
                       nonceText(mapping.nonce) + filtersText(mapping.filters),
                       toString(mapping.requester));
}

std::string deleteLine(const Ipv6Mapping& mapping) {
    return fmt::format("del6 {} {} {}", lowerName(mapping.protocol), mapping.port.value,
                       toString(mapping.client));
}

std::string addLine(const Pinhole& pinhole, const Now& now) {
    const PinholeKey& key = pinhole.key;
    return fmt::format("pinhole {} {} {} {} {} {} {} {}{}{}", pinhole.id, lowerName(key.protocol),
                       key.internalPort.value, toString(key.client),
                       key.remoteHost ? toString(*key.remoteHost) : "any",
                       key.remotePort.value_or(Port{0}).value, unixEnd(pinhole.expiresAt, now),
                       toString(pinhole.requester), pinhole.forAnother ? " " : "",
                       pinhole.forAnother ? kForAnother : "");
}

std::string deleteLine(const Pinhole& pinhole) {
    return fmt::format("close {}", pinhole.id);
}

}  // namespace igd
