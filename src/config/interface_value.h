// SPDX-License-Identifier: GPL-2.0-or-later
// The names of interfaces as administrators write them, and what they mistake for one.
#pragma once

#include "upnpd/config/interface_pattern.h"
#include "upnpd/net/address.h"

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace igd {

/// Reads the name of an interface. The error says what is expected instead: an address, an alias
/// like eth0:1 and the word auto are no interfaces.
[[nodiscard]] tl::expected<InterfaceName, std::string> readInterface(std::string_view text);

/// Reads the names of external interfaces, with blanks or commas between them, or `auto`.
[[nodiscard]] tl::expected<Uplink, std::string> readUplink(std::string_view text);

/// Reads the name of an internal interface, or a pattern of names.
using InternalValue = std::variant<InterfaceName, InterfacePattern>;
[[nodiscard]] tl::expected<InternalValue, std::string> readInternalValue(std::string_view text);

/// Reads ADDRESS, ADDRESS/LENGTH or ADDRESS/MASK of IPv4; nullopt for anything else.
[[nodiscard]] std::optional<Ipv4Prefix> readNetwork(std::string_view text);

}  // namespace igd
