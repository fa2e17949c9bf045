// SPDX-License-Identifier: GPL-2.0-or-later
// Texts of upnpd.conf become values here; each function returns nullopt for what it does not know.
#pragma once

#include "upnpd/external/external_address.h"
#include "upnpd/firewall/factory.h"
#include "upnpd/portmap/policy.h"
#include "upnpd/upstream/upstream_setting.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

/// Reads yes no, true false, on off, 1 0, in any letter case.
[[nodiscard]] std::optional<bool> parseBoolean(std::string_view text);
[[nodiscard]] std::optional<std::uint64_t> parseNumber(std::string_view text, std::uint64_t lowest,
                                                       std::uint64_t highest);
[[nodiscard]] std::optional<BackendChoice> parseBackend(std::string_view text);
/// Reads a boolean, or `auto`.
[[nodiscard]] std::optional<InsertForwardRules> parseInsertForwardRules(std::string_view text);

/// Reads a number of 32 bits that is not 0, in decimal digits or as 0x and hexadecimal ones.
[[nodiscard]] std::optional<std::uint32_t> parseMarkBits(std::string_view text);

/// Reads 1..28 letters, digits, `_`, `.` and `-`, as iptables allows; no leading `-`.
[[nodiscard]] std::optional<std::string> parseChain(std::string_view text);
[[nodiscard]] std::optional<std::string> parseUserName(std::string_view text);
/// Reads 8-4-4-4-12 hexadecimal digits, with or without `uuid:`; the result is in lower case.
[[nodiscard]] std::optional<std::string> parseUuid(std::string_view text);
/// Reads http:// or https://, printable ASCII without blanks and quotes, at most 256 bytes.
[[nodiscard]] std::optional<std::string> parseUrl(std::string_view text);
/// Reads UTF-8 without control characters, at most `limit` bytes.
[[nodiscard]] std::optional<std::string> parseText(std::string_view text, std::size_t limit);
[[nodiscard]] std::optional<std::filesystem::path> parsePath(std::string_view text);

/// Reads `tcp|udp EXTERNAL-PORT CLIENT[:INTERNAL-PORT] [DESCRIPTION]`.
[[nodiscard]] std::optional<Opening> parseStaticMapping(std::string_view text);

/// Reads a host name or an IPv4 address.
[[nodiscard]] std::optional<std::string> parseHost(std::string_view text);
/// Reads `HOST[:PORT]`, or `none`.
[[nodiscard]] std::optional<StunServer> parseStunServer(std::string_view text);

/// Reads off, auto, pcp, nat-pmp or upnp, in any letter case.
[[nodiscard]] std::optional<Upstream> parseUpstream(std::string_view text);

/// Reads ports with blanks or commas between them, or none.
[[nodiscard]] std::optional<std::vector<Port>> parsePorts(std::string_view text);

/// Reads ports and ranges of them with blanks or commas between them, or all, which is the empty
/// list. The result is in order, and none touches another.
[[nodiscard]] std::optional<std::vector<PortRange>> parseExternalPorts(std::string_view text);

/// Reads addresses and networks of IPv4 and mac:XX:XX:XX:XX:XX:XX with blanks or commas between
/// them, at most kMostOpenNatHosts, or none.
[[nodiscard]] std::optional<std::vector<OpenNatHost>> parseOpenNat(std::string_view text);

/// Reads prefixes of IPv4 or IPv6 with blanks or commas between them, or none. A prefix of IPv4
/// becomes ::ffff:a.b.c.d/n.
[[nodiscard]] std::optional<std::vector<Ipv6Prefix>> parsePrefixes(std::string_view text);

/// Reads addresses of IPv4 or IPv6 with blanks or commas between them, or none. Multicast addresses
/// are none of a router's.
[[nodiscard]] std::optional<std::vector<IpAddress>> parseAddresses(std::string_view text);

/// Reads who may ask for other hosts: `yes` is everybody, `no` nobody, else prefixes as above.
[[nodiscard]] std::optional<std::vector<Ipv6Prefix>> parseThirdParties(std::string_view text);

}  // namespace igd
