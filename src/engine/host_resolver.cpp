// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_resolver.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace igd {

HostResolver::HostResolver(boost::asio::io_context& loop, Neighbours& neighbours)
    : neighbours_(neighbours), timer_(loop) {}

Host HostResolver::resolve(const Lan& lan, const IpAddress& address) const {
    Host host{address};
    // The hardware address of a host behind another router is that router's.
    if (!lan.isOnLink(address)) return host;
    host.mac = neighbours_.macOf(lan.interface, address);
    if (host.mac && std::holds_alternative<Ipv6Address>(address))
        host.ipv4 = ipv4Of(lan, *host.mac);
    return host;
}

/// Without those that it cannot use here: it may have had them in another network.
std::vector<Ipv4Address> HostResolver::ipv4Of(const Lan& lan, const MacAddress& mac) const {
    auto addresses = neighbours_.ipv4Of(lan.interface, mac);
    std::erase_if(addresses, [&](Ipv4Address address) { return !lan.isHost(address); });
    return addresses;
}

bool HostResolver::isKnown(const Lan& lan, const IpAddress& address) const {
    return !lan.isOnLink(address) || lan.isRouter(address) ||
           neighbours_.macOf(lan.interface, address).has_value();
}

void HostResolver::whenKnown(const Lan& lan, const IpAddress& requester, const IpAddress& client,
                             std::function<void()> ready) {
    const bool knowsRequester = isKnown(lan, requester);
    const auto patience = knowsRequester ? kPatienceForClient : kPatience;
    Waiting waiting{{}, Clock::now() + patience, std::move(ready)};
    if (!knowsRequester) waiting.unknown.push_back(requester);
    if (client != requester && !isKnown(lan, client)) waiting.unknown.push_back(client);
    for (const IpAddress& address : waiting.unknown) neighbours_.lookFor(lan.interface, address);
    if (waiting.unknown.empty() || waiting_.size() >= kMostWaiting) return waiting.ready();
    add(std::move(waiting));
}

void HostResolver::add(Waiting waiting) {
    const auto place = std::ranges::upper_bound(waiting_, waiting.until, {}, &Waiting::until);
    const bool isFirst = place == waiting_.begin();
    waiting_.insert(place, std::move(waiting));
    if (isFirst) arm();
}

void HostResolver::hostFound(const IpAddress& host) {
    std::vector<std::function<void()>> ready;
    for (Waiting& waiting : waiting_) {
        std::erase(waiting.unknown, host);
        if (waiting.unknown.empty()) ready.push_back(std::move(waiting.ready));
    }
    std::erase_if(waiting_, [](const Waiting& waiting) { return waiting.unknown.empty(); });
    for (const auto& each : ready) each();
}

void HostResolver::arm() {
    if (waiting_.empty()) return;
    timer_.expires_at(waiting_.front().until);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) giveUp();
    });
}

void HostResolver::giveUp() {
    const TimePoint now = Clock::now();
    std::vector<std::function<void()>> ready;
    while (!waiting_.empty() && waiting_.front().until <= now) {
        ready.push_back(std::move(waiting_.front().ready));
        waiting_.pop_front();
    }
    for (const auto& each : ready) each();
    arm();
}

void HostResolver::stop() {
    timer_.cancel();
    waiting_.clear();
}

}  // namespace igd
