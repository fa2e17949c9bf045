// SPDX-License-Identifier: GPL-2.0-or-later
#include "request_text.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd {
namespace {

std::string endText(const IpAddress& client, Port port, std::uint16_t count) {
    return fmt::format("{}:{}", urlHost(client), toString(portsFrom(port, count)));
}

std::string endpointText(Protocol protocol, const IpAddress& client, Port port,
                         std::uint16_t count = 1) {
    if (!hasPorts(protocol)) return fmt::format("{} {}", lowerName(protocol), urlHost(client));
    return fmt::format("{} {}", lowerName(protocol), endText(client, port, count));
}

struct Words {
    std::string what;
    Origin by = Origin::Igd;
    std::string description{};
    Port port{};  ///< 0: it is about none, or about several
    std::optional<Protocol> protocol{};
    Port internalPort{};
};

class Teller {
public:
    Words operator()(const MappingRequest& request) const {
        const std::string remote =
            request.remoteHost ? " from " + toString(*request.remoteHost) : "";
        // An address of IPv4 that is not known is left out.
        const std::string to = request.client6 && request.internal.address.isUnspecified()
                                   ? toString(IpEndpoint{*request.client6, request.internal.port})
                                   : toString(request.internal);
        return {fmt::format("{}{} -> {}", toString(request.key), remote, to),
                Origin::Igd,
                request.description,
                request.key.externalPort,
                request.key.protocol,
                request.internal.port};
    }
    Words operator()(const AnyMappingRequest& request) const { return (*this)(request.mapping); }
    Words operator()(const ReleaseRequest& request) const {
        return {"the end of " + toString(request.key), Origin::Igd, "", request.key.externalPort};
    }
    Words operator()(const RangeRequest& request) const {
        return {
            fmt::format("the end of {} {}", lowerName(request.protocol), toString(request.ports))};
    }
    Words operator()(const PinholeRequest& request) const {
        const PinholeKey& key = request.key;
        return {"pinhole " + endpointText(key.protocol, key.client, key.internalPort),
                Origin::Igd,
                "",
                key.internalPort,
                key.protocol,
                key.internalPort};
    }
    Words operator()(const PinholeUpdate& request) const {
        return {fmt::format("a lease of pinhole {}", request.id)};
    }
    Words operator()(const PinholeRelease& request) const {
        return {fmt::format("the end of pinhole {}", request.id)};
    }
    Words operator()(const PortRequest& request) const {
        const bool isPinhole = std::holds_alternative<Ipv6Address>(request.client);
        const bool isNamed = request.suggestedPort != Port{0} && !isPinhole;
        return {textOf(request, isPinhole, isNamed),
                request.origin,
                request.description,
                isNamed ? request.suggestedPort : request.internalPort,
                request.protocol,
                request.internalPort};
    }
    Words operator()(const PortRelease& request) const {
        return {fmt::format("the end of what leads to {}:{}", toString(request.client),
                            request.internalPort.value),
                request.origin, "", request.internalPort};
    }
    Words operator()(const PeerRequest& request) const {
        return {fmt::format("flow {} to {}",
                            endpointText(request.protocol, request.client, request.internalPort),
                            toString(IpEndpoint{request.remote, request.remotePort})),
                Origin::Pcp, "", request.internalPort};
    }

private:
    static std::string textOf(const PortRequest& request, bool isPinhole, bool isNamed) {
        if (isNamed)
            return fmt::format("{} {} -> {}", lowerName(request.protocol),
                               request.suggestedPort.value,
                               endText(request.client, request.internalPort, request.portCount));
        return (isPinhole ? "pinhole " : "") + endpointText(request.protocol, request.client,
                                                            request.internalPort,
                                                            request.portCount);
    }
};

}  // namespace

std::string refusalLine(const Change& change, const Refusal& refusal) {
    const Words words = std::visit(Teller{}, change.request);
    return fmt::format("portmap: refused {} for {} by {}: {}: {} {}", words.what,
                       toString(change.parties.requester.address), logName(words.by),
                       name(refusal.error), refusal.reason, igd::quoted(words.description));
}

RefusalEvent refusalEvent(const Change& change, const Refusal& refusal) {
    Words words = std::visit(Teller{}, change.request);
    return {.via = words.by,
            .requester = change.parties.requester,
            .client = change.parties.client,
            .what = std::move(words.what),
            .port = words.port,
            .protocol = words.protocol,
            .internalPort = words.internalPort,
            .error = refusal.error,
            .reason = refusal.reason,
            .description = std::move(words.description)};
}

log::Subject refusalSubject(const Change& change) {
    return {toString(change.parties.requester.address),
            std::visit(Teller{}, change.request).port.value, "refused"};
}

}  // namespace igd
