// SPDX-License-Identifier: GPL-2.0-or-later
#include "connection_quota.h"

namespace igd::upnp {

std::optional<PeerQuota::Ticket> ConnectionQuota::take(const IpAddress& host) {
    if (auto ticket = quota_.take(host)) return ticket;
    const std::size_t has = quota_.of(host);
    if (has >= perHost_) return std::nullopt;
    Waiter* const other = longestOfGreatest(has);
    if (other == nullptr) return std::nullopt;
    works(*other);
    other->giveWay();
    return quota_.take(host);
}

void ConnectionQuota::waits(Waiter& connection) {
    works(connection);
    waiting_.push_back(connection);
}

void ConnectionQuota::works(Waiter& connection) {
    if (connection.is_linked()) connection.unlink();
}

Waiter* ConnectionQuota::longestOfGreatest(std::size_t least) {
    Waiter* found = nullptr;
    for (Waiter& connection : waiting_) {
        const std::size_t count = quota_.of(connection.host());
        if (count <= least) continue;
        least = count;
        found = &connection;
    }
    return found;
}

}  // namespace igd::upnp
