// SPDX-License-Identifier: GPL-2.0-or-later
#include "configuration_values.h"

#include "configuration_line.h"
#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace igd {
namespace {

constexpr std::size_t kLongestChain = 28;  // XT_EXTENSION_MAXNAMELEN less the final NUL
constexpr std::size_t kLongestUser = 32;
constexpr std::size_t kLongestUrl = 256;
constexpr std::size_t kLongestPath = 4095;

bool isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isHexDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// A name of letters, digits and `_.-` that no command would take for an option.
bool isName(std::string_view text, std::size_t longest) {
    const auto allowed = [](char c) { return isLetterOrDigit(c) || c == '_' || c == '.' || c == '-'; };
    return !text.empty() && text.size() <= longest && text.front() != '-' &&
           std::ranges::all_of(text, allowed);
}

bool isOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](auto word) { return equalsIgnoringCase(text, word); });
}

std::string badPorts(std::string_view which, std::string_view found) {
    return fmt::format("{} {}: expected a port, or FIRST-LAST with numbers of 0 to 65535", which,
                       igd::quoted(found));
}

/// A network as a permission names it: an address without a length is one host.
std::optional<Ipv4Prefix> parseClient(std::string_view text) {
    if (equalsIgnoringCase(text, "any")) return Ipv4Prefix{};
    return parseIpv4Prefix(text);
}

}  // namespace

std::optional<bool> parseBoolean(std::string_view text) {
    if (isOneOf(text, {"yes", "true", "on", "1"})) return true;
    if (isOneOf(text, {"no", "false", "off", "0"})) return false;
    return std::nullopt;
}

std::optional<std::uint64_t> parseNumber(std::string_view text, std::uint64_t lowest, std::uint64_t highest) {
    const auto number = parseUnsigned<std::uint64_t>(text);
    if (!number || *number < lowest || *number > highest) return std::nullopt;
    return number;
}

std::optional<BackendChoice> parseBackend(std::string_view text) {
    if (equalsIgnoringCase(text, "auto")) return BackendChoice::Auto;
    if (equalsIgnoringCase(text, "nftables")) return BackendChoice::Nftables;
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
    std::string uuid = toLower(text);
    if (uuid.starts_with("uuid:")) uuid.erase(0, 5);
    const auto fits = [](char form, char c) { return form == 'h' ? isHexDigit(c) : c == form; };
    if (!std::ranges::equal(kForm, uuid, fits)) return std::nullopt;
    return uuid;
}

std::optional<std::string> parseUrl(std::string_view text) {
    const auto allowed = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>'; };
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
    if (!text.starts_with('/') || text.ends_with('/') || text.size() > kLongestPath) return std::nullopt;
    return std::filesystem::path{text};
}

bool isPermission(std::string_view line) {
    const auto parts = words(trimmed(line));
    return parts.size() >= 2 && isOneOf(parts[0], {"allow", "deny"}) && !parts[1].starts_with('=');
}

tl::expected<PermissionRule, std::string> parsePermission(std::string_view line, std::string origin) {
    const auto parts = words(withoutComment(line));
    if (parts.size() != 4)
        return tl::unexpected(
            fmt::format("{}: expected allow|deny EXTERNAL-PORTS CLIENT INTERNAL-PORTS", igd::quoted(line)));
    const auto external = parsePortRange(parts[1]);
    const auto client = parseClient(parts[2]);
    const auto internal = parsePortRange(parts[3]);
    if (!external) return tl::unexpected(badPorts("external ports", parts[1]));
    if (!client)
        return tl::unexpected(fmt::format("client {}: expected an IPv4 address, ADDRESS/LENGTH, or any",
                                          igd::quoted(parts[2])));
    if (!internal) return tl::unexpected(badPorts("internal ports", parts[3]));
    return PermissionRule{equalsIgnoringCase(parts[0], "allow"), *external, *client, *internal,
                          std::move(origin)};
}

}  // namespace igd
