// SPDX-License-Identifier: GPL-2.0-or-later
// The front end's Gateway: asks the engine and goes on. Loop thread only.
#pragma once

#include "upnpd/ipc/call_table.h"

namespace igd::ipc {

class RemoteGateway final : public Gateway {
public:
    /// At most so many requests of one object wait for the engine. Those of two fit in the queue of
    /// a channel.
    static constexpr std::size_t kMostWaiting = 512;

    /// `calls` must outlive this.
    explicit RemoteGateway(CallTable& calls) : calls_(calls) {}

    /// The reply is MappingError::Backend when too many requests wait, or the engine is out of
    /// reach or has not answered in time. Once the table of calls is closed there is none: the
    /// client asks again, and may reach the next front end.
    void ask(const GatewayRequest& request, TimePoint deadline, Answered answered) override;

private:
    CallTable& calls_;
    std::size_t waiting_ = 0;
};

}  // namespace igd::ipc
