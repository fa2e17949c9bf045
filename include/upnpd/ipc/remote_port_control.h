// SPDX-License-Identifier: GPL-2.0-or-later
// The front end's PortControlService: asks the engine and goes on. Loop thread only.
#pragma once

#include "upnpd/ipc/call_table.h"

namespace igd::ipc {

class RemotePortControl final : public PortControlService {
public:
    /// At most so many requests wait for the engine. All of them fit in the queue of a channel.
    static constexpr std::size_t kMostWaiting = 512;

    /// `calls` must outlive this. The engine carries a request out within `patience`, or never.
    explicit RemotePortControl(CallTable& calls, Clock::duration patience = kPortCallTime)
        : calls_(calls), patience_(patience) {}

    /// The answer is Backend when too many requests wait, or the engine is out of reach or has not
    /// answered in time. Once the table of calls is closed there is none: the client asks again,
    /// and may reach the next front end.
    void map(const PortRequest& request, Answered answered) override;
    void unmap(const PortRelease& request, Answered answered) override;
    void peer(const PeerRequest& request, Answered answered) override;

private:
    void ask(const Request& request, Answered answered);

    CallTable& calls_;
    const Clock::duration patience_;
    std::size_t waiting_ = 0;
};

}  // namespace igd::ipc
