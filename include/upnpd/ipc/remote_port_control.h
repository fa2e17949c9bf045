// SPDX-License-Identifier: GPL-2.0-or-later
// The front end's PortControlService: asks the engine and goes on. Of the loop thread.
#pragma once

#include "upnpd/ipc/channel.h"
#include "upnpd/ipc/messages.h"

#include <unordered_map>

namespace igd::ipc {

class RemotePortControl final : public PortControlService {
public:
    /// `channel` must outlive this.
    explicit RemotePortControl(Channel& channel) : channel_(channel) {}

    /// When too many requests wait for the engine, or it is out of reach, the answer is Backend at
    /// once.
    void map(const PortRequest& request, Answered answered) override;
    void unmap(const PortRelease& request, Answered answered) override;
    void peer(const PeerRequest& request, Answered answered) override;

    /// False: it is no answer to a question of this object's.
    bool answered(const Answer& answer);

private:
    void ask(const Request& request, Answered answered);

    Channel& channel_;
    std::unordered_map<std::uint32_t, Answered> waiting_;  ///< by call id
    std::uint32_t nextId_ = 0;
};

}  // namespace igd::ipc
