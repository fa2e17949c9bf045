// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/portmap/host_keys.h"

#include <random>
#include <utility>

namespace igd {
namespace {

std::uint64_t hashOfAddress(const IpAddress& address, std::uint64_t seed) {
    constexpr std::uint8_t kWhole = 128;
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&address))
        return hashOf(HostKey{*ipv4}, seed);
    return hashOf(HostKey{Ipv6Prefix{std::get<Ipv6Address>(address), kWhole}}, seed);
}

}  // namespace

HostKeys::HostKeys(Lan lan, NeighbourQuestion question)
    : lan_(std::move(lan)), question_(std::move(question)), seed_(std::random_device{}()) {}

void HostKeys::addressesChanged(const Lan& lan) {
    lan_ = lan;
}

HostKey HostKeys::of(const IpAddress& address, TimePoint now) {
    if (!canBeNeighbour(address)) return hostKeyOf(address, std::nullopt);
    Known& place = placeOf(address);
    const bool isFresh = place.address == address && now < place.until;
    return hostKeyOf(address, isFresh ? place.entry.mac : askFor(place, address, now).mac);
}

Way HostKeys::wayTo(const IpAddress& address, TimePoint now) {
    if (!mayAnswer(now)) return Way::Nowhere;
    if (lan_.isRouter(address)) return Way::Straight;
    if (!lan_.isOnLink(address)) return Way::Aside;
    Known& place = placeOf(address);
    const bool isKnown = place.address == address && now < place.until &&
                         place.entry.state == NeighbourEntry::State::Valid;
    if (isKnown) return Way::Straight;
    switch (askFor(place, address, now).state) {
        case NeighbourEntry::State::Valid:
            return Way::Straight;
        case NeighbourEntry::State::LookedFor:
            return Way::AsideIfRoom;
        case NeighbourEntry::State::Missing:
            break;
    }
    return Way::Aside;
}

bool HostKeys::canBeNeighbour(const IpAddress& address) const {
    return lan_.isOnLink(address) && !lan_.isRouter(address);
}

HostKeys::Known& HostKeys::placeOf(const IpAddress& address) {
    return known_[static_cast<std::size_t>(hashOfAddress(address, seed_) % known_.size())];
}

const NeighbourEntry& HostKeys::askFor(Known& place, const IpAddress& address, TimePoint now) {
    const NeighbourEntry entry = question_(address);
    const bool isValid = entry.state == NeighbourEntry::State::Valid;
    place = {address, entry, now + (isValid ? kKnown : kUnknown)};
    return place.entry;
}

}  // namespace igd
