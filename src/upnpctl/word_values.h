// SPDX-License-Identifier: GPL-2.0-or-later
// Words of a command line become values here; each function returns nullopt for what it does not
// know.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/portmap/mapping.h"
#include "upnpd/util/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace igd::ctl {

/// The end to which pinholes lead.
struct PinholeTarget {
    Protocol protocol{};
    Ipv6Address client;
    Port port;  ///< 0 of a protocol without ports
    bool operator==(const PinholeTarget&) const = default;
};

/// A host as an administrator names it, and perhaps one of its ports.
struct HostWord {
    std::string host;  ///< an address, a hardware address or a name
    std::optional<Port> port{};
    bool operator==(const HostWord&) const = default;
};

/// Reads "udp:3074" or "3074/udp".
[[nodiscard]] std::optional<MappingKey> parseKey(std::string_view text);
/// Reads "tcp:[2001:db8::5]:5000", "[2001:db8::5]:5000/tcp" or "esp:[2001:db8::5]".
[[nodiscard]] std::optional<PinholeTarget> parseTarget(std::string_view text);
/// Reads "90", "90s", "5m", "2h" or "7d": at least a second, at most 365 days.
[[nodiscard]] std::optional<Seconds> parseTime(std::string_view text);
/// Reads an address, a hardware address, or a name of letters, digits, `.`, `-` and `_`.
[[nodiscard]] std::optional<std::string> parseHost(std::string_view text);
/// Reads "nas", "nas:443", "192.168.1.5:443", "[2001:db8::5]:443" or "aa:bb:cc:dd:ee:ff:443".
[[nodiscard]] std::optional<HostWord> parseHostWord(std::string_view text);

}  // namespace igd::ctl
