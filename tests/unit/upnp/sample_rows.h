// SPDX-License-Identifier: GPL-2.0-or-later
// Rows for the tests of the page.
#pragma once

#include "upnpd/portmap/opening_row.h"

#include <string>

namespace igd::upnp {

/// Returns a mapping of a console.
inline OpeningRow sampleRow(std::uint32_t id) {
    return {.id = id,
            .kind = OpeningKind::Mapping,
            .protocol = Protocol::Udp,
            .externalPort = Port{3075},
            .internalPort = Port{3074},
            .client = Ipv4Address{0xc0a83215},
            .hostName = "xbox",
            .via = Origin::Igd,
            .agent = "Console/1",
            .description = "Game",
            .age = Seconds{7200},
            .renewed = Seconds{7200},
            .left = Seconds{2520},
            .traffic = Traffic{10, 2048}};
}

/// Texts as hostile hosts choose them: markup, an attribute, a change of the writing direction that
/// never ends, a NUL and what is not UTF-8.
inline const std::string kHostileText =
    std::string{"</bdi><script>alert(1)</script>\" onmouseover=\"x \u202Egnp '&#60;"} + '\0' +
    "\x80";

}  // namespace igd::upnp
