// SPDX-License-Identifier: GPL-2.0-or-later
#include "wan.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <chrono>

namespace igd {
namespace {

std::string_view kindOf(Ipv4Address address) {
    if (address.isPublic()) return "public";
    if (address.isCarrierNat()) return "carrier NAT: not reachable from the Internet";
    return "private: not reachable from the Internet";
}

}  // namespace

Wan::Wan(const InterfaceMonitor& monitor, InterfaceName name, BitRates rates)
    : monitor_(monitor), name_(std::move(name)), rates_(rates) {}

bool Wan::refresh(TimePoint now) {
    const InterfaceState before = state_;
    state_ = monitor_.state(name_);
    const bool connected = state_.running && state_.address.has_value();
    if (!connected)
        connectedSince_.reset();
    else if (!connectedSince_ || before.address != state_.address)
        connectedSince_ = now;
    return before.exists != state_.exists || before.running != state_.running ||
           before.address != state_.address;
}

std::optional<Ipv4Address> Wan::address() const {
    if (!state_.running || !state_.address) return std::nullopt;
    return state_.address->address;
}

GatewayStatus Wan::status(TimePoint now) const {
    GatewayStatus status;
    status.linkUp = state_.running;
    status.externalAddress = address();
    if (connectedSince_) status.connectedFor = std::chrono::floor<Seconds>(now - *connectedSince_);
    const std::uint64_t speed = rates_.upstream != 0 && rates_.downstream != 0 ? 0 : linkSpeed(name_);
    status.upstreamBitRate = rates_.upstream != 0 ? rates_.upstream : speed;
    status.downstreamBitRate = rates_.downstream != 0 ? rates_.downstream : speed;
    const InterfaceCounters counters = monitor_.counters(name_);
    status.bytesSent = counters.bytesSent;
    status.bytesReceived = counters.bytesReceived;
    status.packetsSent = counters.packetsSent;
    status.packetsReceived = counters.packetsReceived;
    return status;
}

std::string Wan::describe() const {
    if (!state_.exists) return fmt::format("{} (no such interface yet)", name_.text());
    if (!state_.running) return fmt::format("{} (down)", name_.text());
    if (!state_.address) return fmt::format("{} (no address)", name_.text());
    return fmt::format("{} {} ({})", name_.text(), toString(state_.address->address),
                       kindOf(state_.address->address));
}

}  // namespace igd
