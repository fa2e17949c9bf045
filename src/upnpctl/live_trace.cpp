// SPDX-License-Identifier: GPL-2.0-or-later
#include "live_trace.h"

#include <algorithm>

namespace igd::ctl {
namespace {

constexpr Seconds kNextStep{3};  // a router forwards at once, a client may have to wake up

}  // namespace

bool LiveTrace::isInside(std::uint32_t interface) const {
    return std::ranges::find(inside_, interface) != inside_.end();
}

bool LiveTrace::begins(const PassedPacket& packet) const {
    return packet.interface == outside_ && !packet.leaves &&
           std::ranges::find(keys_, MappingKey{packet.protocol, packet.destination.port}) !=
               keys_.end();
}

bool LiveTrace::goesBack(const PassedPacket& packet) const {
    return packet.protocol == arrived_->protocol && packet.destination == arrived_->source;
}

void LiveTrace::see(const PassedPacket& packet, TimePoint now) {
    auto* step = &arrived_;
    if (!arrived_) {
        if (!begins(packet)) return;
    } else if (goesBack(packet)) {
        if (isInside(packet.interface) && !packet.leaves)
            step = &answered_;
        else if (packet.interface == outside_ && packet.leaves)
            step = &returned_;
        else
            return;
    } else if (packet.protocol == arrived_->protocol && packet.source == arrived_->source &&
               isInside(packet.interface) && packet.leaves) {
        step = &forwarded_;
    } else {
        return;
    }
    if (*step) return;
    *step = packet;
    lastStep_ = now;
}

TimePoint LiveTrace::end(TimePoint last) const {
    if (returned_) return lastStep_;
    return arrived_ ? lastStep_ + kNextStep : last;
}

}  // namespace igd::ctl
