// SPDX-License-Identifier: GPL-2.0-or-later
// This is the command line of upnpctl(8).
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/portmap/mapping.h"

#include <tl/expected.hpp>

#include <optional>
#include <span>
#include <string>
#include <variant>

namespace igd::ctl {

struct Status {};
struct List {
    std::optional<Ipv4Address> client;
    std::optional<Protocol> protocol;
};
/// The end to which pinholes lead.
struct PinholeTarget {
    Protocol protocol{};
    Ipv6Address client;
    Port port;  ///< 0 of a protocol without ports
    bool operator==(const PinholeTarget&) const = default;
};
struct Delete {
    std::optional<MappingKey> key;         ///< one mapping,
    std::optional<PinholeTarget> pinhole;  ///< the pinholes to an endpoint,
    std::optional<IpAddress> client;       ///< all of a client,
    bool all = false;                      ///< or all
};
struct Check {
    std::optional<MappingKey> key;  ///< nullopt: every mapping
};
struct Sync {};
struct Reload {};
struct Version {};
struct Help {};
using Command = std::variant<Status, List, Delete, Check, Sync, Reload, Version, Help>;

struct Arguments {
    Command command;
    bool json = false;
    std::optional<std::string> socket;         ///< -s; nullopt: as the configuration says
    std::optional<std::string> configuration;  ///< -c; nullopt: the default file
};

/// Reads `words`, without the program's name. The error belongs on standard error, with exit status
/// 2.
[[nodiscard]] tl::expected<Arguments, std::string> parseArguments(
    std::span<const std::string> words);

[[nodiscard]] std::string helpText();

}  // namespace igd::ctl
