// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/subscriptions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <sys/random.h>

namespace igd::upnp {

Token randomToken() {
    std::array<std::uint8_t, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw std::system_error{errno, std::generic_category(), "no random numbers"};
    return fmt::format("{:02x}", fmt::join(bytes, ""));
}

std::optional<Token> Subscriptions::reserve(const IpAddress& subscriber, const Service& service,
                                            TimePoint expiresAt) {
    auto ticket = quota_.take(subscriber);
    if (!ticket) return std::nullopt;
    Token token = randomToken();
    entries_.emplace(token,
                     Entry{{token, {}, subscriber, &service, expiresAt}, std::move(*ticket)});
    return token;
}

bool Subscriptions::confirm(const Token& token, std::string sid, TimePoint expiresAt) {
    const auto found = entries_.find(token);
    if (found == entries_.end()) return false;
    found->second.subscription.sid = std::move(sid);
    found->second.subscription.expiresAt = expiresAt;
    return true;
}

std::optional<Subscription> Subscriptions::find(std::string_view sid, const IpAddress& peer,
                                                const Service& service, TimePoint now) const {
    for (const auto& [token, entry] : entries_) {
        const auto& subscription = entry.subscription;
        if (subscription.sid == sid && subscription.subscriber == peer &&
            subscription.service == &service && subscription.expiresAt > now)
            return subscription;
    }
    return std::nullopt;
}

std::optional<Subscription> Subscriptions::byToken(const Token& token) const {
    const auto found = entries_.find(token);
    if (found == entries_.end()) return std::nullopt;
    return found->second.subscription;
}

void Subscriptions::renew(const Token& token, TimePoint expiresAt) {
    const auto found = entries_.find(token);
    if (found != entries_.end()) found->second.subscription.expiresAt = expiresAt;
}

std::vector<Subscription> Subscriptions::takeExpired(TimePoint now) {
    std::vector<Subscription> expired;
    for (const auto& [token, entry] : entries_) {
        if (entry.subscription.expiresAt <= now) expired.push_back(entry.subscription);
    }
    for (const auto& subscription : expired) entries_.erase(subscription.token);
    return expired;
}

std::optional<TimePoint> Subscriptions::nextExpiry() const {
    std::optional<TimePoint> next;
    for (const auto& [token, entry] : entries_) {
        const auto at = entry.subscription.expiresAt;
        if (!next || at < *next) next = at;
    }
    return next;
}

}  // namespace igd::upnp
