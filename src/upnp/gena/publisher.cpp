// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/publisher.h"

#include "upnpd/util/log.h"

#include <algorithm>

namespace igd::upnp {
namespace {

/// Returns the time after which a failed event is sent again, for those who come back: a subscriber
/// that slept must not miss the new external address.
Seconds pauseAfter(unsigned failures) {
    return failures == 1 ? Seconds{10} : Seconds{120};
}

Variables all(std::size_t count) {
    return (Variables{1} << count) - 1;
}

void earlier(std::optional<TimePoint>& next, TimePoint at) {
    if (!next || at < *next) next = at;
}

}  // namespace

void Publisher::statusChanged(const GatewayStatus& status, TimePoint now) {
    if (status_ && status.serial < status_->serial) return;
    status_ = status;
    isNew_ = true;
    turn(now);
}

void Publisher::answered(const Sid& sid, TimePoint now) {
    if (Subscription* const found = subscriptions_.find(sid)) found->due = now + kReading;
}

void Publisher::hasRead(const Sid& sid, TimePoint now) {
    Subscription* const found = subscriptions_.find(sid);
    if (found == nullptr || found->begun || found->retried || !found->due) return;
    found->due = std::max(now, *found->due - kReading + kSettling);
}

void Publisher::delivered(const Sid& sid, Delivery delivery, TimePoint now) {
    Subscription* const found = subscriptions_.find(sid);
    if (found == nullptr) return;
    const Variables missed = std::exchange(found->inFlight, 0);
    const bool isAbsent = delivery == Delivery::Unknown || delivery == Delivery::Refused;
    if (!found->established && isAbsent) return refused(*found, now);
    found->established = true;
    if (delivery == Delivery::Taken) {
        found->failures = 0;
        found->aliveAt = now;
        if (found->changed != 0) send(*found);
        return;
    }
    ++found->failures;
    if (delivery == Delivery::Unknown || found->failures >= kFailures) return drop(*found);
    found->due = now + pauseAfter(found->failures);
    if (std::exchange(found->changed, found->changed | missed) != 0) send(*found);
}

/// The first event is sent once more, for the subscriber may not have read its SID yet, or may not
/// listen yet. If it is refused again, the subscription ends.
void Publisher::refused(Subscription& subscription, TimePoint now) {
    if (subscription.retried) return drop(subscription);
    subscription.retried = true;
    subscription.begun = false;
    subscription.sequence = 0;
    subscription.changed = 0;
    subscription.due = now + kSecondTry;
}

void Publisher::drop(const Subscription& subscription) {
    log::debug("upnp: the subscription of {} to {} ends: it takes no events",
               toString(subscription.subscriber), subscription.service->id);
    end(Sid{subscription.sid});
}

void Publisher::end(const Sid& sid) {
    sender_.cancel(sid);
    subscriptions_.erase(sid);
}

void Publisher::turn(TimePoint now) {
    for (const Sid& sid : subscriptions_.takeExpired(now)) sender_.cancel(sid);
    if (isNew_ && now >= quietUntil_) tellChanges(now);
    if (!status_) return;
    for (auto& [sid, subscription] : subscriptions_.all())
        if (subscription.due && *subscription.due <= now && subscription.inFlight == 0)
            send(subscription);
}

std::optional<TimePoint> Publisher::nextTurn() const {
    std::optional<TimePoint> next;
    if (isNew_) next = quietUntil_;
    for (const auto& [sid, subscription] : subscriptions_.all()) {
        earlier(next, subscription.expiresAt);
        if (status_ && subscription.due && subscription.inFlight == 0)
            earlier(next, *subscription.due);
    }
    return next;
}

void Publisher::tellChanges(TimePoint now) {
    isNew_ = false;
    for (const DeviceIdentity& shown : shown_)
        for (const Service* const service : allServices(shown.profile))
            tellChanges(*service, shown, now);
}

void Publisher::tellChanges(const Service& service, const DeviceIdentity& shown, TimePoint now) {
    const Variables changed = learn(service, shown);
    if (changed == 0) return;
    quietUntil_ = now + kModeration;
    for (auto& [sid, subscription] : subscriptions_.all()) {
        if (subscription.service != &service || !subscription.begun) continue;
        subscription.changed |= changed;
        if (subscription.inFlight == 0) send(subscription);
    }
}

/// Takes over a service's values. Returns those that have changed.
Variables Publisher::learn(const Service& service, const DeviceIdentity& shown) {
    auto values = eventedValues(service, shown, *status_);
    Told& told = told_[&service];
    Variables changed = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (i >= told.values.size() || values[i] != told.values[i]) changed |= Variables{1} << i;
    if (changed != 0) told = Told{std::move(values)};
    return changed;
}

const std::shared_ptr<const std::string>& Publisher::bodyOf(Told& told, Variables variables) const {
    auto& body = told.bodies[variables];
    if (body) return body;
    std::vector<ArgumentValue> values;
    for (std::size_t i = 0; i < told.values.size(); ++i)
        if ((variables >> i & 1) != 0) values.push_back(told.values[i]);
    return body = std::make_shared<const std::string>(propertySet(values));
}

void Publisher::send(Subscription& subscription) {
    Told& told = told_[subscription.service];
    const bool isExpected = subscription.begun && subscription.failures == 0;
    subscription.inFlight = subscription.begun ? subscription.changed : all(told.values.size());
    subscription.changed = 0;
    subscription.due.reset();
    subscription.begun = true;
    const auto sequence = std::exchange(subscription.sequence, nextSequence(subscription.sequence));
    sender_.send({subscription.sid, sequence, subscription.callbacks, subscription.from,
                  bodyOf(told, subscription.inFlight), isExpected});
}

}  // namespace igd::upnp
