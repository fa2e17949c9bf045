// SPDX-License-Identifier: GPL-2.0-or-later
// The table says whose request is on which of the gate's connections to libupnp. The loop thread
// writes it, and libupnp's threads read it.
#pragma once

#include "upnpd/net/ip_address.h"
#include "upnpd/net/port.h"
#include "upnpd/util/time.h"

#include <map>
#include <mutex>
#include <optional>

namespace igd::upnp {

/// libupnp listens at this address, and the gate's connections to it come from there.
constexpr Ipv4Address kLoopbackAddress{0x7f000001};

/// The client for which the gate asks.
struct RelayClient {
    IpAddress address;
    bool version1 = false;  ///< it is to see a device of version 1
    /// A call begins before, or never: libupnp may let it wait for a thread for longer than the
    /// gate, which has refused it by then.
    TimePoint until{TimePoint::max()};
};

class RelayTable {
public:
    void add(Port relay, const RelayClient& client) {
        const std::scoped_lock lock{mutex_};
        clients_[relay] = client;
    }
    void remove(Port relay) {
        const std::scoped_lock lock{mutex_};
        clients_.erase(relay);
    }
    /// Returns the client; nullopt: that port is not one of the gate's.
    [[nodiscard]] std::optional<RelayClient> clientOf(Port relay) const {
        const std::scoped_lock lock{mutex_};
        const auto found = clients_.find(relay);
        if (found == clients_.end()) return std::nullopt;
        return found->second;
    }

private:
    mutable std::mutex mutex_;
    std::map<Port, RelayClient> clients_;  ///< as many as requests are in flight: some ten
};

}  // namespace igd::upnp
