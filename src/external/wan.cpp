// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/wan.h"

#include <algorithm>

namespace igd {
namespace {

/// The others keep their order.
void putFirst(std::vector<Ipv4Prefix>& addresses, Ipv4Address first) {
    std::stable_partition(addresses.begin(), addresses.end(),
                          [&](const Ipv4Prefix& each) { return each.address == first; });
}

}  // namespace

Wan::Wan(const Interfaces& interfaces, InterfaceName name, BitRates rates,
         ExternalAddressSetting setting)
    : interfaces_(interfaces),
      name_(std::move(name)),
      rates_(rates),
      external_(std::move(setting)) {}

bool Wan::refresh(TimePoint now) {
    const InterfaceState before = state_;
    state_ = interfaces_.state(name_);
    if (const auto source = interfaces_.source(name_)) putFirst(state_.addresses, *source);
    speed_ = linkSpeed(name_);
    const bool connected = state_.running && !state_.addresses.empty();
    if (!connected)
        connectedSince_.reset();
    else if (!connectedSince_ || before.primary() != state_.primary())
        connectedSince_ = now;
    external_.interfaceHas(address());
    return before.exists != state_.exists || before.running != state_.running ||
           before.addresses != state_.addresses;
}

std::optional<Ipv4Address> Wan::address() const {
    if (!state_.running || state_.addresses.empty()) return std::nullopt;
    return state_.addresses.front().address;
}

std::vector<Ipv4Address> Wan::allAddresses() const {
    std::vector<Ipv4Address> all;
    if (!state_.running) return all;
    for (const Ipv4Prefix& each : state_.addresses) all.push_back(each.address);
    return all;
}

GatewayStatus Wan::status() const {
    GatewayStatus status;
    status.linkUp = state_.running;
    status.externalAddress = external_.told();
    status.connectedSince = connectedSince_;
    status.upstreamBitRate = rates_.upstream != 0 ? rates_.upstream : speed_;
    status.downstreamBitRate = rates_.downstream != 0 ? rates_.downstream : speed_;
    return status;
}

void Wan::count(GatewayStatus& status) const {
    const InterfaceCounters counters = interfaces_.counters(name_);
    status.bytesSent = counters.bytesSent;
    status.bytesReceived = counters.bytesReceived;
    status.packetsSent = counters.packetsSent;
    status.packetsReceived = counters.packetsReceived;
}

std::vector<Ipv4Address> Wan::addresses() const {
    const std::vector<Ipv4Address> own = allAddresses();
    const auto told = external_.told();
    if (!told || own.empty()) return {};
    if (std::ranges::find(own, *told) != own.end()) return {*told};
    if (!told->isPublic()) return {own.front()};
    return {own.front(), *told};
}

ExternalView Wan::view() const {
    return {name_.isNone() ? std::string{kNoInterfaceYet} : name_.text(),
            state_.exists,
            state_.running,
            address(),
            external_.told(),
            external_.source(),
            external_.remark()};
}

}  // namespace igd
