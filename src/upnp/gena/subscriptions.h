// SPDX-License-Identifier: GPL-2.0-or-later
// The list of subscriptions says who is subscribed to which service, and until when. It is pure;
// time is an argument.
#pragma once

#include "http/peer_quota.h"

#include "upnpd/igd/service_model.h"
#include "upnpd/util/time.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd::upnp {

/// A token has 128 random bits in hexadecimal; libupnp sends a subscriber's events to the gate
/// under this path.
using Token = std::string;
[[nodiscard]] Token randomToken();

struct Subscription {
    Token token;
    std::string sid;  ///< libupnp's
    IpAddress subscriber;
    const Service* service = nullptr;
    TimePoint expiresAt;
};

class Subscriptions {
public:
    Subscriptions(std::size_t perPeer, std::size_t total) : quota_(perPeer, total) {}

    /// Makes room for a subscription, which lasts until `expiresAt` unless confirmed; nullopt when
    /// there is none.
    [[nodiscard]] std::optional<Token> reserve(const IpAddress& subscriber, const Service& service,
                                               TimePoint expiresAt);
    /// Takes note that libupnp accepted it; false: it has been forgotten meanwhile.
    [[nodiscard]] bool confirm(const Token& token, std::string sid, TimePoint expiresAt);
    /// Returns the subscription of `sid`, if `peer` is the subscriber and `service` the service
    /// (GENA-RENEW-02 to 04).
    [[nodiscard]] std::optional<Subscription> find(std::string_view sid, const IpAddress& peer,
                                                   const Service& service, TimePoint now) const;
    [[nodiscard]] std::optional<Subscription> byToken(const Token& token) const;
    void renew(const Token& token, TimePoint expiresAt);
    void erase(const Token& token) { entries_.erase(token); }
    [[nodiscard]] std::vector<Subscription> takeExpired(TimePoint now);
    [[nodiscard]] std::optional<TimePoint> nextExpiry() const;

private:
    struct Entry {
        Subscription subscription;
        PeerQuota::Ticket ticket;
    };

    PeerQuota quota_;
    std::map<Token, Entry, std::less<>> entries_;  ///< some hundred at most: walking them is fine
};

}  // namespace igd::upnp
