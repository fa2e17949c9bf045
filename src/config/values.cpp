// SPDX-License-Identifier: GPL-2.0-or-later
#include "values.h"

#include "permission_line.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

constexpr std::size_t kLongestChain = 28;  // XT_EXTENSION_MAXNAMELEN less the final NUL
constexpr std::size_t kLongestUser = 32;
constexpr std::size_t kLongestHost = 253;  // RFC 1035, written out
constexpr std::size_t kLongestUrl = 256;
constexpr std::size_t kLongestPath = 4095;

bool isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isHexDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// Returns whether `text` is a name of letters, digits and `_.-` that no command would take for an
/// option.
bool isName(std::string_view text, std::size_t longest) {
    const auto allowed = [](char c) {
        return isLetterOrDigit(c) || c == '_' || c == '.' || c == '-';
    };
    return !text.empty() && text.size() <= longest && text.front() != '-' &&
           std::ranges::all_of(text, allowed);
}

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](auto word) { return equalsIgnoringCase(text, word); });
}

}  // namespace

std::optional<bool> parseBoolean(std::string_view text) {
    if (isOneOf(text, {"yes", "true", "on", "1"})) return true;
    if (isOneOf(text, {"no", "false", "off", "0"})) return false;
    return std::nullopt;
}

std::optional<std::uint64_t> parseNumber(std::string_view text, std::uint64_t lowest,
                                         std::uint64_t highest) {
    const auto number = parseUnsigned<std::uint64_t>(text);
    if (!number || *number < lowest || *number > highest) return std::nullopt;
    return number;
}

std::optional<std::uint32_t> parseMarkBits(std::string_view text) {
    const bool isHexadecimal = text.starts_with("0x") || text.starts_with("0X");
    if (isHexadecimal) text.remove_prefix(2);
    const auto bits = parseUnsigned<std::uint32_t>(text, isHexadecimal ? 16 : 10);
    return bits == 0U ? std::nullopt : bits;
}

std::optional<BackendChoice> parseBackend(std::string_view text) {
    if (equalsIgnoringCase(text, "auto")) return BackendChoice::Auto;
    if (isOneOf(text, {"nftables", "nft"})) return BackendChoice::Nftables;
    if (equalsIgnoringCase(text, "iptables")) return BackendChoice::Iptables;
    return std::nullopt;
}

std::optional<InsertForwardRules> parseInsertForwardRules(std::string_view text) {
    if (equalsIgnoringCase(text, "auto")) return InsertForwardRules::Auto;
    const auto yes = parseBoolean(text);
    if (!yes) return std::nullopt;
    return *yes ? InsertForwardRules::Yes : InsertForwardRules::No;
}

std::optional<std::string> parseChain(std::string_view text) {
    return isName(text, kLongestChain) ? std::optional{std::string{text}} : std::nullopt;
}

std::optional<std::string> parseUserName(std::string_view text) {
    return isName(text, kLongestUser) ? std::optional{std::string{text}} : std::nullopt;
}

std::optional<std::string> parseUuid(std::string_view text) {
    constexpr std::string_view kForm = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
    const std::string lower = toLower(text);
    std::string_view uuid = lower;
    if (uuid.starts_with("uuid:")) uuid.remove_prefix(5);
    const auto fits = [](char form, char c) { return form == 'h' ? isHexDigit(c) : c == form; };
    if (!std::ranges::equal(kForm, uuid, fits)) return std::nullopt;
    return std::string{uuid};
}

std::optional<std::string> parseUrl(std::string_view text) {
    const auto allowed = [](char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>';
    };
    const auto scheme = text.find("://");
    if (text.size() > kLongestUrl || !std::ranges::all_of(text, allowed)) return std::nullopt;
    if (!isOneOf(text.substr(0, scheme), {"http", "https"})) return std::nullopt;
    if (scheme == std::string_view::npos || scheme + 3 == text.size()) return std::nullopt;
    return std::string{text};
}

std::optional<std::string> parseText(std::string_view text, std::size_t limit) {
    std::string clean = cleanUtf8(text, limit);
    return clean == text ? std::optional{std::move(clean)} : std::nullopt;
}

std::optional<std::filesystem::path> parsePath(std::string_view text) {
    if (!text.starts_with('/') || text.ends_with('/') || text.size() > kLongestPath)
        return std::nullopt;
    return std::filesystem::path{text};
}

std::optional<Opening> parseStaticMapping(std::string_view text) {
    const auto parts = words(text);
    if (parts.size() < 3) return std::nullopt;
    const auto protocol = parseProtocol(parts[0]);
    const auto external = parsePort(parts[1]);
    const auto colon = parts[2].find(':');
    const auto client = parseIpv4Address(parts[2].substr(0, colon));
    const auto internal =
        colon == std::string_view::npos ? external : parsePort(parts[2].substr(colon + 1));
    if (!protocol || !external || !client || !internal) return std::nullopt;
    const auto description =
        parts.size() == 3 ? std::string_view{}
                          : text.substr(static_cast<std::size_t>(parts[3].data() - text.data()));
    Opening mapping{.kind = OpeningKind::Mapping,
                    .protocol = *protocol,
                    .externalPort = *external,
                    .internal = {*client, *internal},
                    .account = *client};
    mapping.put({.origin = Origin::Static,
                 .requester = *client,
                 .expiresAt = std::nullopt,
                 .description = cleanUtf8(trimmed(description), kMaxDescription)});
    return mapping;
}

std::optional<std::vector<Ipv6Prefix>> parseThirdParties(std::string_view text) {
    const auto everybody = parseBoolean(text);
    if (!everybody) return parsePrefixes(text);
    if (!*everybody) return std::vector<Ipv6Prefix>{};
    return std::vector{Ipv6Prefix{}};
}

std::optional<std::string> parseHost(std::string_view text) {
    // A text that looks like an address has to be one: getaddrinfo() takes 1.2 for 1.0.0.2.
    const bool numeric = text.find_first_not_of("0123456789.") == std::string_view::npos;
    const bool valid = numeric ? parseIpv4Address(text).has_value() : isName(text, kLongestHost);
    return valid ? std::optional{std::string{text}} : std::nullopt;
}

std::optional<StunServer> parseStunServer(std::string_view text) {
    if (equalsIgnoringCase(text, "none")) return StunServer{};
    const auto colon = text.find(':');
    auto host = parseHost(text.substr(0, colon));
    const auto port =
        colon == std::string_view::npos ? stun::kPort : parsePort(text.substr(colon + 1));
    if (!host || !port) return std::nullopt;
    return StunServer{std::move(*host), *port};
}

std::optional<Upstream> parseUpstream(std::string_view text) {
    for (const Upstream each :
         {Upstream::Off, Upstream::Auto, Upstream::Pcp, Upstream::NatPmp, Upstream::Upnp})
        if (equalsIgnoringCase(text, name(each))) return each;
    return std::nullopt;
}

std::optional<std::vector<Port>> parsePorts(std::string_view text) {
    std::vector<Port> ports;
    if (equalsIgnoringCase(text, "none")) return ports;
    std::string spaced{text};
    std::ranges::replace(spaced, ',', ' ');
    for (const auto word : words(spaced)) {
        const auto port = parsePort(word);
        if (!port) return std::nullopt;
        ports.push_back(*port);
    }
    return ports.empty() ? std::nullopt : std::optional{std::move(ports)};
}

std::optional<std::vector<PortRange>> parseExternalPorts(std::string_view text) {
    std::vector<PortRange> read;
    if (equalsIgnoringCase(text, "all")) return read;
    std::string spaced{text};
    std::ranges::replace(spaced, ',', ' ');
    for (const auto word : words(spaced)) {
        const auto range = parsePortRange(word);
        if (!range || range->first == Port{0}) return std::nullopt;
        read.push_back(*range);
    }
    std::ranges::sort(read);
    std::vector<PortRange> joined;
    for (const PortRange& each : read) {
        if (!joined.empty() && each.first.value <= joined.back().last.value + 1U)
            joined.back().last = std::max(joined.back().last, each.last);
        else
            joined.push_back(each);
    }
    return joined.empty() ? std::nullopt : std::optional{std::move(joined)};
}

std::optional<std::vector<OpenNatHost>> parseOpenNat(std::string_view text) {
    std::vector<OpenNatHost> hosts;
    if (equalsIgnoringCase(text, "none")) return hosts;
    std::string spaced{text};
    std::ranges::replace(spaced, ',', ' ');
    for (const auto word : words(spaced)) {
        const auto client = parseClient(word);
        if (!client) return std::nullopt;
        if (const auto* const network = std::get_if<Ipv4Prefix>(&*client))
            hosts.emplace_back(*network);
        else if (const auto* const mac = std::get_if<MacAddress>(&*client))
            hosts.emplace_back(*mac);
        else
            return std::nullopt;
    }
    const bool fits = !hosts.empty() && hosts.size() <= kMostOpenNatHosts;
    return fits ? std::optional{std::move(hosts)} : std::nullopt;
}

std::optional<std::vector<Ipv6Prefix>> parsePrefixes(std::string_view text) {
    std::vector<Ipv6Prefix> prefixes;
    if (equalsIgnoringCase(text, "none")) return prefixes;
    std::string spaced{text};
    std::ranges::replace(spaced, ',', ' ');
    for (const auto word : words(spaced)) {
        const auto filter = parsePeerFilter(word);
        if (!filter || filter->port != Port{0}) return std::nullopt;
        prefixes.push_back(filter->remote);
    }
    return prefixes.empty() ? std::nullopt : std::optional{std::move(prefixes)};
}

std::optional<std::vector<IpAddress>> parseAddresses(std::string_view text) {
    std::vector<IpAddress> addresses;
    if (equalsIgnoringCase(text, "none")) return addresses;
    std::string spaced{text};
    std::ranges::replace(spaced, ',', ' ');
    for (const auto word : words(spaced)) {
        const auto address = parseIpAddress(word);
        const auto isOfGroup = [](const auto& each) { return each.isMulticast(); };
        if (!address || std::visit(isOfGroup, *address)) return std::nullopt;
        addresses.push_back(*address);
    }
    return addresses.empty() ? std::nullopt : std::optional{std::move(addresses)};
}

}  // namespace igd
