// SPDX-License-Identifier: GPL-2.0-or-later
// Flows that clients begin, in the kernel's conntrack. Each call is one question to the kernel.
#pragma once

#include "conntrack/flow_table.h"

#include <memory>

struct nl_sock;

namespace igd::firewall {

class KernelFlows final : public FlowTable {
public:
    /// Without conntrack in the kernel nothing is found and nothing made.
    KernelFlows();

    [[nodiscard]] std::optional<OutgoingFlow> find(const FlowKey& key) override;
    Result<void> create(const FlowKey& key, const OutgoingFlow& made) override;
    Result<void> keep(const FlowKey& key, Seconds timeout) override;
    Result<void> end(const FlowKey& key) override;

private:
    struct Free {
        void operator()(nl_sock* socket) const noexcept;
    };
    std::unique_ptr<nl_sock, Free> socket_;
};

}  // namespace igd::firewall
