// SPDX-License-Identifier: GPL-2.0-or-later
// A SUBSCRIBE or UNSUBSCRIBE is read here (UDA 1.1 sections 4.1.2 to 4.1.4). The reader is pure.
#pragma once

#include "gena/callback_url.h"
#include "http/http_message.h"

#include "upnpd/util/time.h"

#include <tl/expected.hpp>

#include <variant>

namespace igd::upnp {

struct NewSubscription {
    std::vector<CallbackUrl> callbacks;
    Seconds timeout;
};
struct Renewal {
    std::string sid;
    Seconds timeout;
};
struct Unsubscription {
    std::string sid;
};
using SubscriptionRequest = std::variant<NewSubscription, Renewal, Unsubscription>;

constexpr Seconds kShortestSubscription{1800};
constexpr Seconds kLongestSubscription{86400};

/// Reads "Second-n" as 1800..86400 s; a missing, infinite or odd value is 1800 (GENA-SUBSCRIBE-09
/// to 11).
[[nodiscard]] Seconds subscriptionTime(std::string_view header);

/// Reads the headers. Errors: 400 for headers that exclude each other, 412 for missing or wrong
/// ones. The router is no subscriber: events never go to itself (GENA-CALLSTRANGER-04).
[[nodiscard]] tl::expected<SubscriptionRequest, http::status> readSubscription(
    const RequestHeader& header, const Peer& peer, const IsSameHost& isSameHost);

}  // namespace igd::upnp
