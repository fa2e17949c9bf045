// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/gena_handler.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <utility>

namespace igd::upnp {
namespace {

/// A host that has spoken from one address only answers the kernel's question for another within
/// this time, on all but the slowest links.
constexpr std::chrono::milliseconds kLook{50};
constexpr int kLooks = 10;
/// So many requests wait for that at once; a further one is judged by what is known.
constexpr std::size_t kLooking = 16;

Response granted(const Sid& sid, Seconds timeout) {
    auto response = statusOnly(http::status::ok);
    setHeader(response, "SID", sid);
    setHeader(response, "TIMEOUT", fmt::format("Second-{}", timeout.count()));
    return response;
}

}  // namespace

GenaHandler::GenaHandler(boost::asio::io_context& loop, Deadlines& deadlines,
                         const LanServerConfig& config, SameHost sameHost)
    : loop_(loop),
      sameHost_(std::move(sameHost)),
      subscriptions_(config.limits.subscriptionsPerPeer, config.limits.subscriptionsTotal),
      sender_(loop, deadlines, config.lan.interface,
              [this](const Sid& sid, Delivery delivery) {
                  publisher_.delivered(sid, delivery, Clock::now());
                  arm();
              }),
      publisher_(config.identity, subscriptions_, sender_),
      timer_(loop) {}

void GenaHandler::statusChanged(const GatewayStatus& status) {
    publisher_.statusChanged(status, Clock::now());
    arm();
}

void GenaHandler::handle(const Request& request, const Service& service, const Peer& peer,
                         Reply reply) {
    handle({request.base(), service, peer, std::move(reply)});
}

void GenaHandler::handle(Asked asked) {
    bool isKnown = true;
    const auto isSameHost = [&](const IpAddress& subscriber, const IpAddress& address) {
        const auto same = sameHost_ ? sameHost_(subscriber, address) : false;
        isKnown = isKnown && same.has_value();
        return same.value_or(false);
    };
    auto wanted = readSubscription(asked.header, asked.peer, isSameHost);
    if (!wanted && !isKnown && asked.looks < kLooks && looking_ < kLooking)
        return lookAgain(std::move(asked));
    if (!wanted) {
        log::debug("upnp: {} may not subscribe to {}: {}", toString(asked.peer.address),
                   asked.service.id, static_cast<unsigned>(wanted.error()));
        return asked.reply({statusOnly(wanted.error())});
    }
    if (auto* const fresh = std::get_if<NewSubscription>(&*wanted))
        return subscribe(std::move(*fresh), asked);
    if (const auto* const renewal = std::get_if<Renewal>(&*wanted)) return renew(*renewal, asked);
    unsubscribe(std::get<Unsubscription>(*wanted), asked);
}

void GenaHandler::lookAgain(Asked asked) {
    ++looking_;
    ++asked.looks;
    auto timer = std::make_shared<boost::asio::steady_timer>(loop_, kLook);
    timer->async_wait([this, timer, asked = std::move(asked)](boost::system::error_code) mutable {
        --looking_;
        handle(std::move(asked));
    });
}

void GenaHandler::subscribe(NewSubscription wanted, const Asked& asked) {
    const auto now = Clock::now();
    const auto added = subscriptions_.add({asked.peer.address, asked.peer.host, asked.service,
                                           std::move(wanted.callbacks), asked.peer.local.address},
                                          now + wanted.timeout, now);
    if (!added) {
        log::info("upnp: {} has too many subscriptions", toString(asked.peer.address));
        return asked.reply({statusOnly(http::status::service_unavailable)});
    }
    if (added->ended) publisher_.end(*added->ended);
    log::debug("upnp: {} has subscribed to {}", toString(asked.peer.address), asked.service.id);
    tellCount();
    asked.reply({granted(added->sid, wanted.timeout),
                 [this, sid = added->sid](bool written) {
                     // Whoever went away before it knew its SID is no subscriber (GENA-EVENT-22).
                     written ? publisher_.answered(sid, Clock::now()) : publisher_.end(sid);
                     arm();
                 },
                 [this, sid = added->sid] {
                     publisher_.hasRead(sid, Clock::now());
                     arm();
                 }});
}

void GenaHandler::renew(const Renewal& wanted, const Asked& asked) {
    const auto now = Clock::now();
    Subscription* const found =
        subscriptions_.find(wanted.sid, asked.peer.address, asked.service, now);
    if (found == nullptr) return asked.reply({statusOnly(http::status::precondition_failed)});
    found->expiresAt = now + wanted.timeout;
    found->aliveAt = now;
    arm();
    asked.reply({granted(wanted.sid, wanted.timeout)});
}

void GenaHandler::unsubscribe(const Unsubscription& wanted, const Asked& asked) {
    const auto* const found =
        subscriptions_.find(wanted.sid, asked.peer.address, asked.service, Clock::now());
    if (found == nullptr) return asked.reply({statusOnly(http::status::precondition_failed)});
    publisher_.end(wanted.sid);
    arm();
    asked.reply({statusOnly(http::status::ok)});
}

void GenaHandler::tellCount() {
    const std::size_t count = subscriptions_.all().size();
    if (std::exchange(told_, count) != count && counted_) counted_(count);
}

/// To be called after whatever may have changed a subscription.
void GenaHandler::arm() {
    tellCount();
    const auto next = publisher_.nextTurn();
    if (next == armedFor_) return;
    armedFor_ = next;
    timer_.cancel();
    if (!next) return;
    timer_.expires_at(*next);
    timer_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        armedFor_.reset();
        publisher_.turn(Clock::now());
        arm();
    });
}

}  // namespace igd::upnp
