// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/remote_gateway.h"

#include <utility>

namespace igd::ipc {

void RemoteGateway::ask(const GatewayRequest& request, TimePoint deadline, Answered answered) {
    if (waiting_ >= kMostWaiting) return answered(MappingError::Backend);
    ++waiting_;
    calls_.ask(request, deadline,
               [this, answered = std::move(answered)](const GatewayReply& reply) {
                   --waiting_;
                   if (!calls_.isClosed()) answered(reply);
               });
}

}  // namespace igd::ipc
