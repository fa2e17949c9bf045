// SPDX-License-Identifier: GPL-2.0-or-later
// GetListOfPortMappings returns this document as a string (WANIPConnection:2,
// A_ARG_TYPE_PortListing).
#pragma once

#include "upnpd/portmap/mapping.h"

#include <cstddef>
#include <span>
#include <string>

namespace igd {

/// The most entries of one listing, as in other gateways; a client with more asks for a smaller
/// range.
constexpr std::size_t kMostListed = 1000;

/// Returns a document that is well-formed whatever the descriptions hold, and has no "]]>". It ends
/// with the last entry that fits into 400 KiB.
[[nodiscard]] std::string portListing(std::span<const MappingView> mappings);

}  // namespace igd
