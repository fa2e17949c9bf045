// SPDX-License-Identifier: GPL-2.0-or-later
// Texts of upnpd.conf as values; each gives nullopt for what it does not know.
#pragma once

#include "upnpd/external/external_address.h"
#include "upnpd/firewall/factory.h"
#include "upnpd/portmap/policy.h"

#include <tl/expected.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// yes no, true false, on off, 1 0, in any case.
[[nodiscard]] std::optional<bool> parseBoolean(std::string_view text);
[[nodiscard]] std::optional<std::uint64_t> parseNumber(std::string_view text, std::uint64_t lowest,
                                                       std::uint64_t highest);
[[nodiscard]] std::optional<BackendChoice> parseBackend(std::string_view text);
/// A boolean, or `auto`.
[[nodiscard]] std::optional<InsertForwardRules> parseInsertForwardRules(std::string_view text);

/// 1..28 letters, digits, `_`, `.` and `-`, as iptables allows; no leading `-`.
[[nodiscard]] std::optional<std::string> parseChain(std::string_view text);
[[nodiscard]] std::optional<std::string> parseUserName(std::string_view text);
/// 8-4-4-4-12 hexadecimal digits, with or without `uuid:`; lower case in the result.
[[nodiscard]] std::optional<std::string> parseUuid(std::string_view text);
/// http:// or https://, printable ASCII without blanks and quotes, at most 256 bytes.
[[nodiscard]] std::optional<std::string> parseUrl(std::string_view text);
/// UTF-8 without control characters, at most `limit` bytes.
[[nodiscard]] std::optional<std::string> parseText(std::string_view text, std::size_t limit);
[[nodiscard]] std::optional<std::filesystem::path> parsePath(std::string_view text);

/// `allow|deny EXTERNAL-PORTS CLIENT INTERNAL-PORTS`; the error says what is wrong with it.
[[nodiscard]] tl::expected<PermissionRule, std::string> parsePermission(std::string_view line,
                                                                        std::string origin);
/// `tcp|udp EXTERNAL-PORT CLIENT[:INTERNAL-PORT] [DESCRIPTION]`.
[[nodiscard]] std::optional<Opening> parseStaticMapping(std::string_view text);

/// A name of hosts, or an IPv4 address.
[[nodiscard]] std::optional<std::string> parseHost(std::string_view text);
/// `HOST[:PORT]`, or `none`.
[[nodiscard]] std::optional<StunServer> parseStunServer(std::string_view text);

/// Ports with blanks or commas between them, or none.
[[nodiscard]] std::optional<std::vector<Port>> parsePorts(std::string_view text);

/// Prefixes of IPv4 or IPv6 with blanks or commas between them, or none; those of IPv4 as
/// ::ffff:a.b.c.d/n.
[[nodiscard]] std::optional<std::vector<Ipv6Prefix>> parsePrefixes(std::string_view text);

/// Who may ask for other hosts: `yes` is everybody, `no` nobody, else prefixes as above.
[[nodiscard]] std::optional<std::vector<Ipv6Prefix>> parseThirdParties(std::string_view text);

/// `line` begins as a permission does.
[[nodiscard]] bool isPermission(std::string_view line);

}  // namespace igd
