// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/remote_port_control.h"

namespace igd::ipc {
namespace {

PortAnswer answerOf(const Reply& reply) {
    if (const auto* const grant = std::get_if<PortGrant>(&reply)) return *grant;
    if (const auto* const refusal = std::get_if<PortRefusal>(&reply))
        return tl::unexpected{*refusal};
    return refuse(MappingError::Backend);
}

}  // namespace

void RemotePortControl::ask(const Request& request, Answered answered) {
    if (waiting_ >= kMostWaiting) return answered(refuse(MappingError::Backend));
    ++waiting_;
    calls_.ask(request, Clock::now() + patience_,
               [this, answered = std::move(answered)](const Reply& reply) {
                   --waiting_;
                   if (!calls_.isClosed()) answered(answerOf(reply));
               });
}

void RemotePortControl::map(const PortRequest& request, Answered answered) {
    ask(request, std::move(answered));
}

void RemotePortControl::unmap(const PortRelease& request, Answered answered) {
    ask(request, std::move(answered));
}

void RemotePortControl::peer(const PeerRequest& request, Answered answered) {
    ask(request, std::move(answered));
}

}  // namespace igd::ipc
