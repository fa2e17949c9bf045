// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/subscription_request.h"

#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <algorithm>
#include <cstdint>

namespace igd::upnp {
namespace {

constexpr std::string_view kTimeUnit = "Second-";

using Outcome = tl::expected<SubscriptionRequest, http::status>;

Outcome readNew(const RequestHeader& header, const Peer& peer, const IsSameHost& isSameHost,
                Seconds timeout) {
    if (valueOf(header, "NT") != "upnp:event" || peer.address == peer.local.address)
        return tl::unexpected(http::status::precondition_failed);
    auto callbacks = parseCallbacks(valueOf(header, "CALLBACK"), peer.address, isSameHost);
    if (!callbacks || header.count("CALLBACK") != 1)
        return tl::unexpected(http::status::precondition_failed);
    return NewSubscription{std::move(*callbacks), timeout};
}

}  // namespace

Seconds subscriptionTime(std::string_view header) {
    if (!equalsIgnoringCase(header.substr(0, kTimeUnit.size()), kTimeUnit))
        return kShortestSubscription;
    const auto digits = header.substr(kTimeUnit.size());
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (digits.empty() || !std::ranges::all_of(digits, isDigit)) return kShortestSubscription;
    const auto seconds = parseUnsigned<std::uint32_t>(digits);
    if (!seconds) return kLongestSubscription;  // more than 32 bits hold
    return std::clamp(Seconds{*seconds}, kShortestSubscription, kLongestSubscription);
}

Outcome readSubscription(const RequestHeader& header, const Peer& peer,
                         const IsSameHost& isSameHost) {
    const bool hasSid = header.count("SID") > 0;
    const bool hasOther = header.count("NT") > 0 || header.count("CALLBACK") > 0;
    const bool unsubscribes = header.method() == http::verb::unsubscribe;
    if ((hasSid && hasOther) || (unsubscribes && hasOther))
        return tl::unexpected(http::status::bad_request);
    const Seconds timeout = subscriptionTime(valueOf(header, "TIMEOUT"));
    if (!hasSid && !unsubscribes) return readNew(header, peer, isSameHost, timeout);
    std::string sid{valueOf(header, "SID")};
    if (sid.empty() || header.count("SID") > 1)
        return tl::unexpected(http::status::precondition_failed);
    if (unsubscribes) return Unsubscription{std::move(sid)};
    return Renewal{std::move(sid), timeout};
}

}  // namespace igd::upnp
