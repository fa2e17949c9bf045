// SPDX-License-Identifier: GPL-2.0-or-later
// The allow and deny lines of upnpd.conf, which are miniupnpd's with more forms of a client.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/portmap/policy.h"

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

struct PermissionLine {
    /// nullopt: the line is left out, and a remark says why.
    std::optional<PermissionRule> rule;
    struct Remark {
        Severity severity{};
        std::string text;
    };
    std::vector<Remark> remarks{};
};

constexpr std::string_view kPermissionForm =
    "allow|deny EXTERNAL-PORTS CLIENT INTERNAL-PORTS [tcp|udp]";

/// Reads the CLIENT of such a line; an address without a length is one host. nullopt: it is none.
[[nodiscard]] std::optional<ClientPattern> parseClient(std::string_view text);

/// Returns whether `line` begins as a permission does.
[[nodiscard]] bool isPermission(std::string_view line);

/// Reads a line of that form. An expression for descriptions may follow, which is not judged: such
/// an allow line is left out, and such a deny line denies whatever the description, so that neither
/// permits more than it said. The error says what is wrong with the line.
[[nodiscard]] tl::expected<PermissionLine, std::string> parsePermission(std::string_view line,
                                                                        std::string origin);

/// Returns a sentence about the bits of a host in the network `prefix`, an IPv4 one as
/// ::ffff:a.b.c.d/n; nullopt when there are none.
[[nodiscard]] std::optional<std::string> remarkOnHostBits(const Ipv6Prefix& prefix);

}  // namespace igd
