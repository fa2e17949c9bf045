// SPDX-License-Identifier: GPL-2.0-or-later
// The keys `lease_store` and `lease_store_login` of upnpd.conf(5).
#pragma once

#include "upnpd/net/ip_endpoint.h"

#include <tl/expected.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace igd {

/// Where the leases are kept for others.
struct StoreSetting {
    std::variant<IpEndpoint, std::filesystem::path> place{};  ///< the server's, or its socket
    std::uint16_t database = 0;
    bool tls = false;  ///< asked for; no build has it
    bool operator==(const StoreSetting&) const = default;
};

/// Reads "redis://ADDRESS[:PORT][/DATABASE]", also with rediss, and
/// "redis+unix:///PATH[?db=DATABASE]". Returns nullopt for anything else: names are none of them.
[[nodiscard]] std::optional<StoreSetting> parseStoreSetting(std::string_view text);

/// Returns that text, with the port and the database.
[[nodiscard]] std::string toString(const StoreSetting& setting);

/// Who this daemon is to the server.
struct StoreLogin {
    std::string user{};      ///< empty: the server's default
    std::string password{};  ///< empty: none is asked for
    bool operator==(const StoreLogin&) const = default;
};

/// Returns why the file of a login is not taken, and what to do: "others can read it: chmod 600
/// FILE". `account` may own it, and root; nullopt: it is.
[[nodiscard]] std::optional<std::string> faultOfLogin(const std::filesystem::path& file,
                                                      std::uint32_t account);
/// Reads a password, or a user and a password, with blanks or a line's end between them. Returns a
/// sentence for the administrator where there is neither.
[[nodiscard]] tl::expected<StoreLogin, std::string> readLogin(const std::filesystem::path& file);

}  // namespace igd
