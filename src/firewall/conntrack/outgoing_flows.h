// SPDX-License-Identifier: GPL-2.0-or-later
// Flows that clients begin, in the kernel's conntrack: found, made before their first packet, kept.
#pragma once

#include "upnpd/portmap/peers.h"

#include <memory>

struct nl_sock;

namespace igd::firewall {

class OutgoingFlows final : public FlowTable {
public:
    /// Without conntrack in the kernel nothing is found and nothing made.
    OutgoingFlows();

    [[nodiscard]] std::optional<OutgoingFlow> find(const FlowKey& flow) override;
    Result<void> create(const FlowKey& flow, const OutgoingFlow& made) override;
    Result<void> keep(const FlowKey& flow, Seconds timeout) override;

private:
    struct Free {
        void operator()(nl_sock* socket) const noexcept;
    };
    std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace igd::firewall
