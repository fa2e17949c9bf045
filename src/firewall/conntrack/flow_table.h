// SPDX-License-Identifier: GPL-2.0-or-later
// The seam to the kernel's list of flows, for the flows that clients begin; tests use a fake.
#pragma once

#include "upnpd/portmap/firewall.h"

#include <optional>

namespace igd::firewall {

class FlowTable {
public:
    virtual ~FlowTable() = default;

    /// Returns the flow that is there for `key`; nullopt: none.
    [[nodiscard]] virtual std::optional<OutgoingFlow> find(const FlowKey& key) = 0;

    /// Makes the flow, and for IPv4 the translation to `made.external`. Errors: Conflict (that
    /// external port is another flow's to that remote end), Backend, with a line in the log.
    virtual Result<void> create(const FlowKey& key, const OutgoingFlow& made) = 0;

    /// Has the flow forgotten `timeout` from now unless packets come. Errors: NotFound, Backend.
    virtual Result<void> keep(const FlowKey& key, Seconds timeout) = 0;

    /// Ends the flow. Errors: NotFound, Backend.
    virtual Result<void> end(const FlowKey& key) = 0;
};

}  // namespace igd::firewall
