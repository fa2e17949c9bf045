// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/ipc/remote_port_control.h"

namespace igd::ipc {
namespace {

/// Some tenths of a second of the engine's work.
constexpr std::size_t kMostWaiting = 512;
/// RemotePortMapping counts from 0.
constexpr std::uint32_t kOurs = 0x80000000;

PortAnswer answerOf(const Reply& reply) {
    if (const auto* const grant = std::get_if<PortGrant>(&reply)) return *grant;
    if (const auto* const refusal = std::get_if<PortRefusal>(&reply))
        return tl::unexpected{*refusal};
    return refuse(MappingError::Backend);
}

}  // namespace

void RemotePortControl::ask(const Request& request, Answered answered) {
    const std::uint32_t id = kOurs | nextId_++;
    if (waiting_.size() >= kMostWaiting || !channel_.send(encode(ToEngine{Call{id, request}})))
        return answered(refuse(MappingError::Backend));
    waiting_.insert_or_assign(id, std::move(answered));
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

bool RemotePortControl::answered(const Answer& answer) {
    if ((answer.id & kOurs) == 0) return false;
    const auto waiting = waiting_.extract(answer.id);
    if (waiting) waiting.mapped()(answerOf(answer.reply));
    return true;
}

}  // namespace igd::ipc
