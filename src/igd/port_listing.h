// SPDX-License-Identifier: GPL-2.0-or-later
// The document that GetListOfPortMappings returns as a string (WANIPConnection:2,
// A_ARG_TYPE_PortListing).
#pragma once

#include "upnpd/portmap/mapping.h"

#include <cstddef>
#include <span>
#include <string>

namespace igd {

/// Most entries of one listing, as in other gateways; who has more asks for a smaller range.
constexpr std::size_t kMostListed = 1000;

/// Well-formed whatever the descriptions hold. Ends with the last entry that fits into 400 KiB.
[[nodiscard]] std::string portListing(std::span<const MappingView> mappings);

}  // namespace igd
