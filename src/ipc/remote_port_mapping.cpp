// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/remote_port_mapping.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>
#include <variant>

namespace igd::ipc {
namespace {

/// For neighbour discovery.
constexpr std::chrono::milliseconds kDiscovery{60};

Result<void> withoutValue(const Result<Done>& done) {
    return done ? Result<void>{} : fail(done.error());
}

}  // namespace

template <class T>
Result<T> RemotePortMapping::ask(const Request& request, TimePoint deadline) {
    const Reply reply = calls_.askAndWait(request, deadline);
    if (const T* const value = std::get_if<T>(&reply)) return *value;
    const MappingError* const error = std::get_if<MappingError>(&reply);
    return fail(error != nullptr ? *error : MappingError::Backend);
}

/// The engine tells a host of IPv6 that asks over IPv4 by its hardware address. Where the kernel
/// has forgotten that, the engine refuses and has it found anew: the second time it is known. A few
/// at a time, for whoever is refused for another reason waits as well.
template <class T>
Result<T> RemotePortMapping::askOfHost(const Request& request, const IpAddress& requester) {
    const TimePoint end = deadline();
    auto result = ask<T>(request, end);
    const bool refused = !result && result.error() == MappingError::NotAuthorized;
    if (!refused || !std::holds_alternative<Ipv4Address>(requester)) return result;
    const Seat seat{discovering_};
    if (!seat.isTaken()) return result;
    std::this_thread::sleep_for(kDiscovery);
    return ask<T>(request, end);
}

Result<void> RemotePortMapping::addPortMapping(const MappingRequest& request) {
    return withoutValue(ask<Done>(request));
}

Result<void> RemotePortMapping::deletePortMapping(const ReleaseRequest& request) {
    return withoutValue(ask<Done>(request));
}

Result<Port> RemotePortMapping::addAnyPortMapping(const MappingRequest& request) {
    return ask<Port>(AnyMappingRequest{request});
}

Result<void> RemotePortMapping::deletePortMappings(const RangeRequest& request) {
    return withoutValue(ask<Done>(DeleteMappings{request}));
}

Result<MappingView> RemotePortMapping::portMapping(const MappingKey& key, Ipv4Address requester) {
    return ask<MappingView>(FindMapping{key, requester});
}

Result<MappingView> RemotePortMapping::portMappingAt(std::uint32_t index, Ipv4Address requester) {
    return ask<MappingView>(MappingAt{index, requester});
}

/// Page by page: the next begins behind the last port of the one before.
Result<std::vector<MappingView>> RemotePortMapping::portMappings(const RangeRequest& request,
                                                                 std::size_t limit) {
    const TimePoint end = deadline();
    std::vector<MappingView> all;
    RangeRequest rest = request;
    while (all.size() < limit) {
        auto page = ask<MappingViews>(ListMappings{rest}, end);
        if (!page) {
            if (page.error() == MappingError::NotFound && !all.empty()) break;
            return fail(page.error());
        }
        auto& views = page->views;
        if (views.empty()) break;
        const Port last = views.back().key.externalPort;
        const bool more = views.size() == kMaxListed && last < request.ports.last;
        std::ranges::move(views, std::back_inserter(all));
        if (!more) break;
        rest.ports.first = Port{static_cast<std::uint16_t>(last.value + 1)};
    }
    if (all.size() > limit) all.resize(limit);
    return all;
}

Result<PinholeId> RemotePortMapping::addPinhole(const PinholeRequest& request) {
    const auto opened = askOfHost<PinholeOpened>(request, request.requester);
    if (!opened) return fail(opened.error());
    return opened->id;
}

Result<void> RemotePortMapping::updatePinhole(PinholeId id, Seconds lease,
                                              const IpAddress& requester) {
    return withoutValue(askOfHost<Done>(PinholeUpdate{id, lease, requester}, requester));
}

Result<void> RemotePortMapping::deletePinhole(PinholeId id, const IpAddress& requester) {
    return withoutValue(askOfHost<Done>(PinholeRelease{id, requester}, requester));
}

Result<std::uint64_t> RemotePortMapping::pinholePackets(PinholeId id, const IpAddress& requester) {
    const auto count = askOfHost<PacketCount>(CountPinhole{id, requester}, requester);
    if (!count) return fail(count.error());
    return count->packets;
}

Result<Seconds> RemotePortMapping::outboundTimeout(Protocol protocol) {
    return ask<Seconds>(GetOutboundTimeout{protocol});
}

Result<GatewayStatus> RemotePortMapping::status() {
    return ask<GatewayStatus>(GetStatus{});
}

}  // namespace igd::ipc
