// SPDX-License-Identifier: GPL-2.0-or-later
#include "permission_line.h"

#include "interface_value.h"
#include "line.h"

#include "upnpd/portmap/peer_filter.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace igd {
namespace {

constexpr std::string_view kMac = "mac:";
/// Characters that no other word of a line has.
constexpr std::string_view kOfExpressions = "\"'\\[](){}*+?^$|";

tl::unexpected<std::string> badPorts(std::string_view which, std::string_view found) {
    return tl::unexpected(
        fmt::format("{} {}: expected a port, or FIRST-LAST with numbers of 0 to 65535", which,
                    igd::quoted(found)));
}

/// Returns `prefix`, of either family, as IPv6.
Ipv6Prefix asIpv6(const Ipv4Prefix& prefix) {
    return {mappedAddress(prefix.address), static_cast<std::uint8_t>(prefix.length + 96)};
}

std::optional<std::string> remarkOnClient(const ClientPattern& client) {
    if (const auto* const ipv4 = std::get_if<Ipv4Prefix>(&client))
        return remarkOnHostBits(asIpv6(*ipv4));
    const auto* const ipv6 = std::get_if<Ipv6Prefix>(&client);
    return ipv6 == nullptr ? std::nullopt : remarkOnHostBits(*ipv6);
}

std::string textOf(const Ipv6Prefix& prefix) {
    const auto ipv4 = prefix.address.mapped();
    if (!ipv4 || prefix.length < 96) return toString(prefix);
    return toString(Ipv4Prefix{*ipv4, static_cast<std::uint8_t>(prefix.length - 96)});
}

std::string hostOf(const Ipv6Prefix& prefix) {
    const auto ipv4 = prefix.address.mapped();
    return ipv4 ? toString(*ipv4) : toString(prefix.address);
}

bool isExpression(std::string_view text) {
    return text.find_first_of(kOfExpressions) != std::string_view::npos;
}

/// Leaves out, or widens, a line with an expression.
void ignoreExpression(PermissionLine& line) {
    if (line.rule->allow) {
        line.rule.reset();
        line.remarks = {{Severity::Warning,
                         "this line is left out: it allows by the description of a mapping "
                         "(a regular expression), which upnpd does not judge"}};
        return;
    }
    line.remarks.push_back({Severity::Warning,
                            "this line denies whatever the description of a mapping: upnpd does "
                            "not judge descriptions by a regular expression"});
}

tl::expected<PermissionRule, std::string> readFour(std::span<const std::string_view> parts) {
    PermissionRule rule;
    rule.allow = equalsIgnoringCase(parts[0], "allow");
    const auto external = parsePortRange(parts[1]);
    if (!external) return badPorts("external ports", parts[1]);
    rule.externalPorts = *external;
    const auto client = parseClient(parts[2]);
    if (!client)
        return tl::unexpected(
            fmt::format("client {}: expected an IPv4 or IPv6 address, ADDRESS/LENGTH, "
                        "mac:XX:XX:XX:XX:XX:XX, or any",
                        igd::quoted(parts[2])));
    rule.client = *client;
    const auto internal = parsePortRange(parts[3]);
    if (!internal) return badPorts("internal ports", parts[3]);
    rule.internalPorts = *internal;
    return rule;
}

}  // namespace

std::optional<ClientPattern> parseClient(std::string_view text) {
    if (equalsIgnoringCase(text, "any")) return AnyClient{};
    if (equalsIgnoringCase(text.substr(0, kMac.size()), kMac)) {
        const auto mac = parseMacAddress(text.substr(kMac.size()));
        return mac ? std::optional<ClientPattern>{*mac} : std::nullopt;
    }
    if (const auto ipv4 = readNetwork(text)) {
        if (ipv4->length == 0) return AnyClient{};
        return *ipv4;
    }
    const auto ipv6 = parsePeerFilter(text);
    if (!ipv6 || ipv6->port != Port{0}) return std::nullopt;
    if (ipv6->remote.length == 0) return Ipv6Prefix{};
    return ipv6->remote;
}

bool isPermission(std::string_view line) {
    const auto parts = words(trimmed(line));
    return parts.size() >= 2 &&
           (equalsIgnoringCase(parts[0], "allow") || equalsIgnoringCase(parts[0], "deny")) &&
           !parts[1].starts_with('=');
}

std::optional<std::string> remarkOnHostBits(const Ipv6Prefix& prefix) {
    const Ipv6Prefix network = masked(PeerFilter{prefix, Port{0}}).remote;
    if (network.address == prefix.address) return std::nullopt;
    return fmt::format("{} means all of {}; that host alone is {}", textOf(prefix), textOf(network),
                       hostOf(prefix));
}

tl::expected<PermissionLine, std::string> parsePermission(std::string_view line,
                                                          std::string origin) {
    const auto text = withoutComment(line);
    const auto parts = words(text);
    if (parts.size() < 4)
        return tl::unexpected(fmt::format("{}: expected {}", igd::quoted(line), kPermissionForm));
    auto rule = readFour(parts);
    if (!rule) return tl::unexpected(std::move(rule.error()));
    rule->origin = std::move(origin);
    std::size_t read = 4;
    if (parts.size() > read) rule->protocol = parseProtocol(parts[read]);
    if (rule->protocol) ++read;
    PermissionLine result{std::move(*rule)};
    if (const auto remark = remarkOnClient(result.rule->client))
        result.remarks.push_back({Severity::Notice, *remark});
    if (parts.size() == read) return result;
    const auto rest = text.substr(static_cast<std::size_t>(parts[read].data() - text.data()));
    if (!isExpression(rest))
        return tl::unexpected(
            fmt::format("{}: expected tcp or udp, or nothing", igd::quoted(rest)));
    ignoreExpression(result);
    return result;
}

}  // namespace igd
