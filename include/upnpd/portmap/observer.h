// SPDX-License-Identifier: GPL-2.0-or-later
// The seam to whoever keeps leases and tells clients of changes.
#pragma once

#include "upnpd/portmap/opening.h"

namespace igd {

/// Told after each change has reached kernel and ledger, in their order.
class OpeningObserver {
public:
    virtual ~OpeningObserver() = default;
    /// `opening` is new, or has changed, or was renewed.
    virtual void openingStored(const Opening& opening) = 0;
    virtual void openingEnded(const Opening& opening) = 0;
};

}  // namespace igd
