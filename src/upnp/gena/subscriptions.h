// SPDX-License-Identifier: GPL-2.0-or-later
// The list of subscriptions says who is subscribed to which service, until when, and how far its
// events have come. When it is full, somebody gives way. It is pure; time is an argument.
#pragma once

#include "gena/callback_url.h"

#include "upnpd/igd/service_model.h"
#include "upnpd/net/host_key.h"
#include "upnpd/util/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd::upnp {

/// A SID is "uuid:" and a UUID that nobody can guess (RFC 9562 section 5.4: version 4).
using Sid = std::string;
[[nodiscard]] Sid randomSid();

/// Evented variables of a service: bit n stands for the value n of eventedValues().
using Variables = std::uint32_t;

struct Subscription {
    Sid sid;
    IpAddress subscriber;
    HostKey host;  ///< whose address that is
    const Service* service = nullptr;
    std::vector<CallbackUrl> callbacks;
    IpAddress from;  ///< the address of ours that was subscribed to
    TimePoint expiresAt;
    TimePoint aliveAt;  ///< it subscribed, renewed or took an event
    /// Events that did not reach it since it took one.
    unsigned failures = 0;
    std::uint32_t sequence = 0;    ///< SEQ of its next event
    bool begun = false;            ///< the first event has been sent
    bool retried = false;          ///< the first event was refused once
    bool established = false;      ///< the first event was not refused
    Variables inFlight = 0;        ///< in the event that is on its way; 0: none is
    Variables changed = 0;         ///< since the last event that it was sent
    std::optional<TimePoint> due;  ///< of the first event, or of one that failed
};

/// A control point that subscribes.
struct Subscriber {
    IpAddress address;
    HostKey host;
    const Service& service;
    std::vector<CallbackUrl> callbacks;
    IpAddress from;
};

class Subscriptions {
public:
    Subscriptions(std::size_t perHost, std::size_t total) : perHost_(perHost), total_(total) {}

    struct Added {
        Sid sid;
        std::optional<Sid> ended;  ///< the one that has given way to it
    };

    /// Adds a subscription. A host with as many as it may have gives up one to the same service:
    /// one that fails, one with the same CALLBACK, else the one that it was heard of longest ago.
    /// When all together have as many as they may, the one with most failures gives way, else one
    /// of the host that has most, if that is left with no fewer than the new one's host has then.
    /// Returns nullopt when none gives way (GENA-SUBSCRIBE-12).
    [[nodiscard]] std::optional<Added> add(const Subscriber& subscriber, TimePoint expiresAt,
                                           TimePoint now);

    /// Returns the subscription of `sid`, if `address` is the subscriber's and `service` the
    /// service (GENA-RENEW-02 to 04); otherwise nullptr.
    [[nodiscard]] Subscription* find(const Sid& sid, const IpAddress& address,
                                     const Service& service, TimePoint now);
    [[nodiscard]] Subscription* find(const Sid& sid);
    void erase(const Sid& sid) { entries_.erase(sid); }
    /// Removes those that have run out, and returns their SIDs.
    [[nodiscard]] std::vector<Sid> takeExpired(TimePoint now);

    /// All, by SID; some hundred at most, so that walking them is fine.
    [[nodiscard]] std::map<Sid, Subscription>& all() { return entries_; }
    [[nodiscard]] const std::map<Sid, Subscription>& all() const { return entries_; }

private:
    using Counts = std::map<HostKey, std::size_t>;

    [[nodiscard]] Counts countHosts() const;
    [[nodiscard]] const Subscription* outdatedOf(const Subscriber& subscriber) const;
    [[nodiscard]] const Subscription* leastOf(const Counts& counts, std::size_t own) const;

    const std::size_t perHost_;
    const std::size_t total_;
    std::map<Sid, Subscription> entries_;
};

}  // namespace igd::upnp
