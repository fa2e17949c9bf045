// SPDX-License-Identifier: GPL-2.0-or-later
#include "neighbour_map.h"

#include <algorithm>
#include <random>

namespace igd {
namespace {

std::uint64_t randomSeed() {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
}

}  // namespace

std::size_t NeighbourMap::Hash::operator()(const Key& key) const {
    std::uint64_t hash = seed;
    const auto mix = [&hash](std::uint64_t value) {
        hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 29;
    };
    mix(static_cast<std::uint64_t>(key.interface));
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&key.host))
        mix(ipv4->value());
    else
        for (const std::uint8_t byte : std::get<Ipv6Address>(key.host).bytes()) mix(byte);
    return static_cast<std::size_t>(hash);
}

NeighbourMap::NeighbourMap() : hosts_(0, Hash{randomSeed()}) {}

NeighbourMap::Change NeighbourMap::apply(const NeighbourNews& news) {
    const Key key{news.interface, news.host};
    const bool isKnown =
        news.state == NeighbourState::Known || news.state == NeighbourState::Reachable;
    if (isKnown && news.mac) return known(key, *news.mac, news.state == NeighbourState::Reachable);
    if (const auto entry = hosts_.find(key); entry != hosts_.end()) erase(entry);
    return news.state == NeighbourState::Failed ? Change::Lost : Change::None;
}

NeighbourMap::Change NeighbourMap::known(const Key& key, const MacAddress& mac, bool reachable) {
    const auto found = hosts_.find(key);
    if (found == hosts_.end()) {
        if (hosts_.size() >= kMost) return Change::None;
        hosts_.emplace(key, Entry{mac, reachable, look_});
        link(key, mac);
        return Change::Found;
    }
    const MacAddress before = found->second.mac;
    found->second = {mac, reachable, look_};
    if (before == mac) return Change::None;
    unlink(key, before);
    link(key, mac);
    return Change::Found;
}

void NeighbourMap::link(const Key& key, const MacAddress& mac) {
    if (const auto* const ipv4 = std::get_if<Ipv4Address>(&key.host))
        ofMac_[{key.interface, mac}].insert(*ipv4);
}

void NeighbourMap::unlink(const Key& key, const MacAddress& mac) {
    const auto* const ipv4 = std::get_if<Ipv4Address>(&key.host);
    if (ipv4 == nullptr) return;
    const auto found = ofMac_.find({key.interface, mac});
    if (found == ofMac_.end()) return;
    found->second.erase(*ipv4);
    if (found->second.empty()) ofMac_.erase(found);
}

NeighbourMap::Hosts::iterator NeighbourMap::erase(Hosts::iterator entry) {
    unlink(entry->first, entry->second.mac);
    return hosts_.erase(entry);
}

std::optional<MacAddress> NeighbourMap::macOf(int interface, const IpAddress& host) const {
    const auto found = hosts_.find({interface, host});
    return found == hosts_.end() ? std::nullopt : std::optional{found->second.mac};
}

bool NeighbourMap::isReachable(int interface, const IpAddress& host) const {
    const auto found = hosts_.find({interface, host});
    return found != hosts_.end() && found->second.reachable;
}

std::vector<Ipv4Address> NeighbourMap::ipv4Of(int interface, const MacAddress& mac) const {
    const auto found = ofMac_.find({interface, mac});
    if (found == ofMac_.end()) return {};
    std::vector<Ipv4Address> all{found->second.begin(), found->second.end()};
    std::stable_partition(all.begin(), all.end(),
                          [&](Ipv4Address address) { return isReachable(interface, address); });
    return all;
}

void NeighbourMap::forget(int interface) {
    for (auto entry = hosts_.begin(); entry != hosts_.end();)
        entry = entry->first.interface == interface ? erase(entry) : std::next(entry);
}

void NeighbourMap::endLook() {
    for (auto entry = hosts_.begin(); entry != hosts_.end();)
        entry = entry->second.look != look_ ? erase(entry) : std::next(entry);
}

}  // namespace igd
