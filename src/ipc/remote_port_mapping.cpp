// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/remote_port_mapping.h"

#include "upnpd/util/log.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>
#include <variant>

namespace igd::ipc {
namespace {

/// Far more than an engine that lives ever takes; the control point itself waits for 30 s
/// (IGD-SOAP-22).
constexpr std::chrono::seconds kPatience{15};
/// For neighbour discovery.
constexpr std::chrono::milliseconds kDiscovery{60};

}  // namespace

Reply RemotePortMapping::call(const Request& request) {
    std::unique_lock lock{mutex_};
    if (closed_) return MappingError::Backend;
    const std::uint32_t id = nextId_++;
    const auto slot = waiting_.emplace(id, std::nullopt).first;
    const bool sent = channel_.send(encode(ToEngine{Call{id, request}}));
    const bool told = sent && changed_.wait_for(lock, kPatience, [&] {
        return closed_ || slot->second.has_value();
    });
    if (!sent || !told)
        log::error("ipc: the engine {}", sent ? "does not answer" : "cannot be asked");
    Reply reply = slot->second.value_or(MappingError::Backend);
    waiting_.erase(slot);
    return reply;
}

void RemotePortMapping::answered(const Answer& answer) {
    const std::scoped_lock lock{mutex_};
    const auto slot = waiting_.find(answer.id);
    if (slot == waiting_.end()) return;  // its caller gave up
    slot->second = answer.reply;
    changed_.notify_all();
}

void RemotePortMapping::close() {
    const std::scoped_lock lock{mutex_};
    closed_ = true;
    changed_.notify_all();
}

template <class T>
Result<T> RemotePortMapping::ask(const Request& request) {
    const Reply reply = call(request);
    if (const T* const value = std::get_if<T>(&reply)) return *value;
    const MappingError* const error = std::get_if<MappingError>(&reply);
    return fail(error != nullptr ? *error : MappingError::Backend);
}

/// Whose an IPv6 address is that is asked for over IPv4 is told by the hardware address. Where the
/// kernel has forgotten that, the engine refuses and has it found anew: the second time it is
/// known. A few at a time, for whoever is refused for another reason waits as well.
template <class T>
Result<T> RemotePortMapping::askOfHost(const Request& request, const IpAddress& requester) {
    auto result = ask<T>(request);
    const bool refused = !result && result.error() == MappingError::NotAuthorized;
    if (!refused || !std::holds_alternative<Ipv4Address>(requester)) return result;
    const Seat seat{discovering_};
    if (!seat.isTaken()) return result;
    std::this_thread::sleep_for(kDiscovery);
    return ask<T>(request);
}

Result<void> RemotePortMapping::command(const Request& request) {
    if (const auto done = ask<Done>(request); !done) return fail(done.error());
    return {};
}

Result<void> RemotePortMapping::addPortMapping(const MappingRequest& request) {
    return command(request);
}

Result<void> RemotePortMapping::deletePortMapping(const ReleaseRequest& request) {
    return command(request);
}

Result<Port> RemotePortMapping::addAnyPortMapping(const MappingRequest& request) {
    return ask<Port>(AddAnyMapping{request});
}

Result<void> RemotePortMapping::deletePortMappings(const RangeRequest& request) {
    return command(DeleteMappings{request});
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
    std::vector<MappingView> all;
    RangeRequest rest = request;
    while (all.size() < limit) {
        auto page = ask<MappingViews>(ListMappings{rest});
        if (!page) {
            if (page.error() == MappingError::NotFound && !all.empty()) break;
            return fail(page.error());
        }
        if (page->empty()) break;
        const Port last = page->back().key.externalPort;
        const bool more = page->size() == kMaxListed && last < request.ports.last;
        std::ranges::move(*page, std::back_inserter(all));
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
    const auto done = askOfHost<Done>(UpdatePinhole{id, lease, requester}, requester);
    return done ? Result<void>{} : fail(done.error());
}

Result<void> RemotePortMapping::deletePinhole(PinholeId id, const IpAddress& requester) {
    const auto done = askOfHost<Done>(DeletePinhole{id, requester}, requester);
    return done ? Result<void>{} : fail(done.error());
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
