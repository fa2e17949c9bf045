// SPDX-License-Identifier: GPL-2.0-or-later
#include "request_text.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd {
namespace {

std::string endpointText(Protocol protocol, const IpAddress& client, Port port) {
    if (!hasPorts(protocol)) return fmt::format("{} {}", lowerName(protocol), urlHost(client));
    return fmt::format("{} {}", lowerName(protocol), toString(IpEndpoint{client, port}));
}

struct Words {
    std::string what;
    Origin by = Origin::Igd;
    std::string description{};
};

struct Teller {
    Words operator()(const MappingRequest& request) const {
        const std::string remote =
            request.remoteHost ? " from " + toString(*request.remoteHost) : "";
        return {
            fmt::format("{}{} -> {}", toString(request.key), remote, toString(request.internal)),
            Origin::Igd, request.description};
    }
    Words operator()(const AnyMappingRequest& request) const { return (*this)(request.mapping); }
    Words operator()(const ReleaseRequest& request) const {
        return {"the end of " + toString(request.key)};
    }
    Words operator()(const RangeRequest& request) const {
        return {
            fmt::format("the end of {} {}", lowerName(request.protocol), toString(request.ports))};
    }
    Words operator()(const PinholeRequest& request) const {
        const PinholeKey& key = request.key;
        return {"pinhole " + endpointText(key.protocol, key.client, key.internalPort)};
    }
    Words operator()(const PinholeUpdate& request) const {
        return {fmt::format("a lease of pinhole {}", request.id)};
    }
    Words operator()(const PinholeRelease& request) const {
        return {fmt::format("the end of pinhole {}", request.id)};
    }
    Words operator()(const PortRequest& request) const {
        const std::string to = endpointText(request.protocol, request.client, request.internalPort);
        if (std::holds_alternative<Ipv6Address>(request.client))
            return {"pinhole " + to, request.origin, request.description};
        if (request.suggestedPort == Port{0}) return {to, request.origin, request.description};
        return {fmt::format("{} {} -> {}", lowerName(request.protocol), request.suggestedPort.value,
                            toString(IpEndpoint{request.client, request.internalPort})),
                request.origin, request.description};
    }
    Words operator()(const PortRelease& request) const {
        return {fmt::format("the end of what leads to {}:{}", toString(request.client),
                            request.internalPort.value),
                request.origin};
    }
    Words operator()(const PeerRequest& request) const {
        return {fmt::format("flow {} to {}",
                            endpointText(request.protocol, request.client, request.internalPort),
                            toString(IpEndpoint{request.remote, request.remotePort})),
                Origin::Pcp};
    }
};

}  // namespace

std::string refusalLine(const Change& change, const Refusal& refusal) {
    const Words words = std::visit(Teller{}, change.request);
    return fmt::format("portmap: refused {} to {} by {}: {}: {} {}", words.what,
                       toString(change.parties.requester.address), name(words.by),
                       name(refusal.error), refusal.reason, igd::quoted(words.description));
}

}  // namespace igd
