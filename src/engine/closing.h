// SPDX-License-Identifier: GPL-2.0-or-later
// The administrator closes an opening on the page, and names it by the id of its row.
#pragma once

#include "upnpd/portmap/openings.h"

namespace igd {

/// Ends the opening: a mapping with its whole set, or all pinholes that lead where this one does.
/// Returns Done. Errors: NotFound, NotAuthorized (a flow, or one that the configuration has made),
/// Backend.
[[nodiscard]] GatewayReply closeOpening(Openings& openings, std::uint32_t id, TimePoint now);

}  // namespace igd
