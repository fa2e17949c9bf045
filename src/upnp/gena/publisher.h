// SPDX-License-Identifier: GPL-2.0-or-later
// The publisher decides which event leaves when (UDA 1.1 section 4). Each subscriber has one event
// on its way and a note of what has changed since; values are read when an event is sent, so that a
// slow subscriber gets the newest. It is pure; time is an argument.
#pragma once

#include "gena/event_sender.h"

#include "upnpd/igd/actions.h"

#include <chrono>

namespace igd::upnp {

/// Changes that follow an event within this time make one event together.
constexpr std::chrono::milliseconds kModeration{200};
/// The first event leaves so long after the answer to SUBSCRIBE: control points that get it sooner
/// do not know its SID yet, and GUPnP drops it.
constexpr std::chrono::milliseconds kSettling{200};
/// It leaves so long after the answer when nothing shows that the answer has been read.
constexpr std::chrono::milliseconds kReading{1000};
/// A first event that was refused is sent once more after this time.
constexpr std::chrono::milliseconds kSecondTry{1000};
/// A subscriber that misses so many events in a row is one no more.
constexpr unsigned kFailures = 3;

/// Returns the SEQ that follows `sequence`: 0 is the first event's alone (GENA-EVENT-05).
[[nodiscard]] constexpr std::uint32_t nextSequence(std::uint32_t sequence) {
    return sequence == UINT32_MAX ? 1 : sequence + 1;
}

class Publisher {
public:
    /// `subscriptions` and `sender` must outlive this.
    Publisher(const DeviceIdentity& identity, Subscriptions& subscriptions, EventSender& sender)
        : shown_{identity, asVersion1(identity)}, subscriptions_(subscriptions), sender_(sender) {}

    /// Takes note of a status, unless a newer one is known.
    void statusChanged(const GatewayStatus& status, TimePoint now);
    /// The answer to SUBSCRIBE has left (GENA-EVENT-02).
    void answered(const Sid& sid, TimePoint now);
    /// The subscriber has shown that it has read that answer: it went on, or closed its connection.
    void hasRead(const Sid& sid, TimePoint now);
    /// An event has ended.
    void delivered(const Sid& sid, Delivery delivery, TimePoint now);
    /// Forgets a subscription, and sends it nothing more.
    void end(const Sid& sid);

    /// Does what is due: ends subscriptions, tells changes, sends first events.
    void turn(TimePoint now);
    /// Returns when turn() has something to do; nullopt: never.
    [[nodiscard]] std::optional<TimePoint> nextTurn() const;

private:
    /// The values that the subscribers of a service are told, and the bodies made of them.
    struct Told {
        std::vector<ArgumentValue> values;
        std::map<Variables, std::shared_ptr<const std::string>> bodies{};
    };

    void tellChanges(TimePoint now);
    void tellChanges(const Service& service, const DeviceIdentity& shown, TimePoint now);
    [[nodiscard]] Variables learn(const Service& service, const DeviceIdentity& shown);
    [[nodiscard]] const std::shared_ptr<const std::string>& bodyOf(Told& told,
                                                                   Variables variables) const;
    void send(Subscription& subscription);
    void refused(Subscription& subscription, TimePoint now);
    void drop(const Subscription& subscription);

    const std::vector<DeviceIdentity> shown_;  ///< in both versions
    Subscriptions& subscriptions_;
    EventSender& sender_;
    std::optional<GatewayStatus> status_;
    bool isNew_ = false;  ///< the status has not been told yet
    TimePoint quietUntil_{};
    std::map<const Service*, Told> told_;
};

}  // namespace igd::upnp
