// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/call_checks.h"

namespace igd::ipc {

std::optional<IpAddress> requesterOf(const GatewayRequest& request) {
    return std::visit(
        [](const auto& one) -> std::optional<IpAddress> {
            if constexpr (requires { one.requester; })
                return one.requester;
            else if constexpr (requires { one.mapping.requester; })
                return one.mapping.requester;
            else if constexpr (requires { one.range.requester; })
                return one.range.requester;
            else
                return std::nullopt;
        },
        request);
}

bool speaksFor(const GatewayRequest& request, const Lan& lan) {
    const auto requester = requesterOf(request);
    return !requester || lan.contains(*requester);
}

GatewayReply refusalOf(const GatewayRequest& request, MappingError error) {
    const bool ofPortControl = std::holds_alternative<PortRequest>(request) ||
                               std::holds_alternative<PortRelease>(request) ||
                               std::holds_alternative<PeerRequest>(request);
    return ofPortControl ? GatewayReply{PortRefusal{.error = error}} : GatewayReply{error};
}

std::optional<GatewayReply> refusalIfLate(const Call& call, TimePoint now) {
    if (now < call.deadline) return std::nullopt;
    return refusalOf(call.request, MappingError::Backend);
}

}  // namespace igd::ipc
