// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/connection_quota.h"

namespace igd::upnp {
namespace {

/// Their hosts close within a round trip, or never.
constexpr std::size_t kMostLingering = 64;

}  // namespace

std::optional<HostQuota::Ticket> ConnectionQuota::take(const HostKey& host) {
    if (auto ticket = quota_.take(host)) return ticket;
    const std::size_t has = quota_.of(host);
    if (has >= perHost_) return std::nullopt;
    Waiter* other = ofGreatest(waiting_.begin(), waiting_.end(), has);
    if (other == nullptr) other = ofGreatest(working_.rbegin(), working_.rend(), has);
    if (other == nullptr) return std::nullopt;
    leaves(*other);
    other->giveWay();
    return quota_.take(host);
}

void ConnectionQuota::waits(Waiter& connection) {
    leaves(connection);
    waiting_.push_back(connection);
}

void ConnectionQuota::works(Waiter& connection) {
    leaves(connection);
    working_.push_back(connection);
}

void ConnectionQuota::lingers(Waiter& connection) {
    leaves(connection);
    lingering_.push_back(connection);
    if (lingering_.size() <= kMostLingering) return;
    Waiter& first = lingering_.front();
    leaves(first);
    first.giveWay();
}

void ConnectionQuota::leaves(Waiter& connection) {
    if (connection.is_linked()) connection.unlink();
}

template <class Iterator>
Waiter* ConnectionQuota::ofGreatest(Iterator first, Iterator last, std::size_t least) const {
    Waiter* found = nullptr;
    for (; first != last; ++first) {
        const std::size_t count = quota_.of(first->host());
        if (count <= least) continue;
        least = count;
        found = &*first;
    }
    return found;
}

}  // namespace igd::upnp
