// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/subscriptions.h"

#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <tuple>

#include <sys/random.h>

namespace igd::upnp {
namespace {

/// Returns whether `one` gives way before `other`, both being of one host and service.
auto giveWayOrder(const Subscriber& to) {
    return [&to](const Subscription* one, const Subscription* other) {
        const auto rank = [&to](const Subscription* entry) {
            const bool isOther = entry->callbacks != to.callbacks;
            return std::tuple{-static_cast<int>(entry->failures), isOther, entry->aliveAt};
        };
        return rank(one) < rank(other);
    };
}

}  // namespace

Sid randomSid() {
    boost::uuids::uuid uuid{};
    if (::getrandom(&*uuid.begin(), uuid.size(), 0) != static_cast<ssize_t>(uuid.size()))
        throw std::system_error{errno, std::generic_category(), "no random numbers"};
    uuid.begin()[6] = static_cast<std::uint8_t>((uuid.begin()[6] & 0x0f) | 0x40);  // version 4
    uuid.begin()[8] = static_cast<std::uint8_t>((uuid.begin()[8] & 0x3f) | 0x80);  // of RFC 9562
    return "uuid:" + to_string(uuid);
}

std::optional<Subscriptions::Added> Subscriptions::add(const Subscriber& subscriber,
                                                       TimePoint expiresAt, TimePoint now) {
    const Counts counts = countHosts();
    const auto found = counts.find(subscriber.host);
    const std::size_t own = found == counts.end() ? 0 : found->second;
    std::optional<Sid> ended;
    if (own >= perHost_ || entries_.size() >= total_) {
        const Subscription* const last =
            own >= perHost_ ? outdatedOf(subscriber) : leastOf(counts, own);
        if (last == nullptr) return std::nullopt;
        ended = last->sid;
        erase(*ended);
    }
    Subscription entry;
    entry.sid = randomSid();
    entry.subscriber = subscriber.address;
    entry.host = subscriber.host;
    entry.service = &subscriber.service;
    entry.callbacks = subscriber.callbacks;
    entry.from = subscriber.from;
    entry.expiresAt = expiresAt;
    entry.aliveAt = now;
    Added added{entry.sid, std::move(ended)};
    entries_.emplace(added.sid, std::move(entry));
    return added;
}

Subscription* Subscriptions::find(const Sid& sid, const IpAddress& address, const Service& service,
                                  TimePoint now) {
    Subscription* const found = find(sid);
    const bool fits = found != nullptr && found->subscriber == address &&
                      found->service == &service && found->expiresAt > now;
    return fits ? found : nullptr;
}

Subscription* Subscriptions::find(const Sid& sid) {
    const auto found = entries_.find(sid);
    return found == entries_.end() ? nullptr : &found->second;
}

std::vector<Sid> Subscriptions::takeExpired(TimePoint now) {
    std::vector<Sid> expired;
    for (const auto& [sid, entry] : entries_)
        if (entry.expiresAt <= now) expired.push_back(sid);
    for (const Sid& sid : expired) erase(sid);
    return expired;
}

Subscriptions::Counts Subscriptions::countHosts() const {
    Counts counts;
    for (const auto& [sid, entry] : entries_) ++counts[entry.host];
    return counts;
}

/// Returns the subscription that its own host gives up. A control point that was started anew
/// leaves its old ones behind, and the router cannot know whether anybody still listens there.
const Subscription* Subscriptions::outdatedOf(const Subscriber& subscriber) const {
    std::vector<const Subscription*> its;
    for (const auto& [sid, entry] : entries_)
        if (entry.host == subscriber.host && entry.service == &subscriber.service)
            its.push_back(&entry);
    const auto first = std::ranges::min_element(its, giveWayOrder(subscriber));
    return first == its.end() ? nullptr : *first;
}

/// Returns the subscription that gives way to one of another host, which has `own`.
const Subscription* Subscriptions::leastOf(const Counts& counts, std::size_t own) const {
    const Subscription* least = nullptr;
    const auto rank = [&](const Subscription& entry) {
        return std::tuple{entry.failures, counts.at(entry.host), -entry.aliveAt.time_since_epoch()};
    };
    for (const auto& [sid, entry] : entries_)
        if (least == nullptr || rank(*least) < rank(entry)) least = &entry;
    if (least == nullptr) return nullptr;
    const bool isFair = least->failures > 0 || counts.at(least->host) > own + 1;
    return isFair ? least : nullptr;
}

}  // namespace igd::upnp
