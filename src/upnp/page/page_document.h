// SPDX-License-Identifier: GPL-2.0-or-later
// The page of the router as one HTML document, with its style and its script in it. Pure.
#pragma once

#include "page/page_actions.h"
#include "page/page_facts.h"

#include "upnpd/igd/description.h"

#include <string>

namespace igd::upnp {

/// `rights` say which forms it has: to sign in, or to close openings and to sign out.
[[nodiscard]] std::string pageDocument(const PageFacts& facts, const DeviceIdentity& identity,
                                       const PageRights& rights);

}  // namespace igd::upnp
