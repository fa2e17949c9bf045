// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/gena_handler.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

namespace igd::upnp {
namespace {

/// libupnp has so long to answer; a subscription that is not confirmed by then is forgotten.
constexpr Seconds kConfirming{30};
/// A subscription ends here so much earlier than in libupnp, and the gate then takes it out there:
/// libupnp alone would keep a dead one until its next event.
constexpr Seconds kGrace{60};

/// Returns the secret path without its slash.
Token tokenOf(const RequestHeader& header) {
    const auto target = textOf(header.target());
    return Token{target.substr(target.empty() ? 0 : 1)};
}

Response granted(std::string_view sid, Seconds timeout) {
    auto response = statusOnly(http::status::ok);
    setHeader(response, "SID", sid);
    setHeader(response, "TIMEOUT", fmt::format("Second-{}", timeout.count()));
    return response;
}

std::string startLine(std::string_view method, const Service& service) {
    return fmt::format("{} {} HTTP/1.1", method, service.eventPath);
}

bool isOk(const std::optional<Response>& answer) {
    return answer && answer->result() == http::status::ok;
}

}  // namespace

GenaHandler::GenaHandler(boost::asio::io_context& loop, Deadlines& deadlines, Relay& relay,
                         const EventPlaces& places, const GateLimits& limits)
    : relay_(relay),
      places_(places),
      subscriptions_(limits.subscriptionsPerPeer, limits.subscriptionsTotal),
      forwarder_(loop, deadlines, places.interface,
                 [this](const Token& token) {
                     if (const auto subscription = subscriptions_.byToken(token))
                         end(*subscription);
                 }),
      expiry_(loop) {}

void GenaHandler::handle(const Request& request, const Service& service, const Peer& peer,
                         Reply reply) {
    const auto wanted = readSubscription(request, peer);
    if (!wanted) {
        log::debug("upnp: {} may not subscribe to {}: {}", toString(peer.address), service.id,
                   static_cast<unsigned>(wanted.error()));
        return reply({statusOnly(wanted.error())});
    }
    Context context{service, peer.address, peer.local.address, std::move(reply)};
    if (const auto* fresh = std::get_if<NewSubscription>(&*wanted))
        return subscribe(*fresh, std::move(context));
    if (const auto* renewal = std::get_if<Renewal>(&*wanted))
        return renew(*renewal, std::move(context));
    unsubscribe(std::get<Unsubscription>(*wanted), context);
}

void GenaHandler::subscribe(const NewSubscription& wanted, Context context) {
    const auto token =
        subscriptions_.reserve(context.peer, context.service, Clock::now() + kConfirming);
    if (!token) {
        log::info("upnp: {} has too many subscriptions", toString(context.peer));
        return context.reply({statusOnly(http::status::service_unavailable)});
    }
    armExpiry();
    forwarder_.open(*token, {wanted.callbacks, context.local});
    const auto rest =
        fmt::format("CALLBACK: <http://{}/{}>\r\nNT: upnp:event\r\nTIMEOUT: Second-{}\r\n\r\n",
                    toString(places_.inbox), *token, (wanted.timeout + kGrace).count());
    const RelayRequest request{startLine("SUBSCRIBE", context.service), rest, {context.peer}};
    relay_.send(request, [this, token = *token, timeout = wanted.timeout,
                          context = std::move(context)](std::optional<Response> answer) {
        subscribed(token, timeout, std::move(answer), context);
    });
}

void GenaHandler::subscribed(const Token& token, Seconds timeout, std::optional<Response> answer,
                             const Context& context) {
    const std::string sid{isOk(answer) ? valueOf(*answer, "SID") : std::string_view{}};
    if (sid.empty() || !subscriptions_.confirm(token, sid, Clock::now() + timeout)) {
        forwarder_.close(token);
        subscriptions_.erase(token);
        if (!sid.empty()) takeOut(sid, context.service, context.peer);  // it came too late
        return context.reply({statusOnly(http::status::service_unavailable)});
    }
    armExpiry();
    log::debug("upnp: {} has subscribed to {}", toString(context.peer), context.service.id);
    context.reply({granted(sid, timeout), [this, token, peer = context.peer](bool written) {
                       if (written) return forwarder_.release(token);
                       log::debug("upnp: {} went away before it knew its subscription",
                                  toString(peer));
                       // The subscriber went away before it knew its SID (GENA-EVENT-22).
                       if (const auto subscription = subscriptions_.byToken(token))
                           end(*subscription);
                   }});
}

void GenaHandler::renew(const Renewal& wanted, Context context) {
    const auto found = subscriptions_.find(wanted.sid, context.peer, context.service, Clock::now());
    if (!found) return context.reply({statusOnly(http::status::precondition_failed)});
    const auto rest = fmt::format("SID: {}\r\nTIMEOUT: Second-{}\r\n\r\n", found->sid,
                                  (wanted.timeout + kGrace).count());
    relay_.send({startLine("SUBSCRIBE", context.service), rest, {context.peer}},
                [this, subscription = *found, timeout = wanted.timeout,
                 reply = std::move(context.reply)](const std::optional<Response>& answer) {
                    if (!isOk(answer)) {
                        end(subscription);
                        return reply({statusOnly(http::status::precondition_failed)});
                    }
                    subscriptions_.renew(subscription.token, Clock::now() + timeout);
                    armExpiry();
                    reply({granted(subscription.sid, timeout)});
                });
}

void GenaHandler::unsubscribe(const Unsubscription& wanted, const Context& context) {
    const auto found = subscriptions_.find(wanted.sid, context.peer, context.service, Clock::now());
    if (!found) return context.reply({statusOnly(http::status::precondition_failed)});
    end(*found);
    context.reply({statusOnly(http::status::ok)});
}

void GenaHandler::end(const Subscription& subscription) {
    forwarder_.close(subscription.token);
    subscriptions_.erase(subscription.token);
    if (!subscription.sid.empty())
        takeOut(subscription.sid, *subscription.service, subscription.subscriber);
}

/// Takes the subscription out of libupnp's list.
void GenaHandler::takeOut(const std::string& sid, const Service& service,
                          const IpAddress& subscriber) {
    relay_.send(
        {startLine("UNSUBSCRIBE", service), fmt::format("SID: {}\r\n\r\n", sid), {subscriber}},
        [](const std::optional<Response>&) {});
}

void GenaHandler::expire() {
    for (const auto& subscription : subscriptions_.takeExpired(Clock::now())) {
        log::debug("upnp: the subscription of {} has run out", toString(subscription.subscriber));
        end(subscription);
    }
    armExpiry();
}

void GenaHandler::armExpiry() {
    const auto next = subscriptions_.nextExpiry();
    if (!next) return;
    expiry_.expires_at(*next);
    expiry_.async_wait([this](boost::system::error_code error) {
        if (!error) expire();
    });
}

std::optional<Response> EventInbox::refusal(const RequestHeader& header,
                                            const Peer& /*peer*/) const {
    if (header.method() != http::verb::notify) return statusOnly(http::status::method_not_allowed);
    // The status 412 makes libupnp forget a subscription that the gate has forgotten.
    if (!door_.knows(tokenOf(header))) return statusOnly(http::status::precondition_failed);
    return std::nullopt;
}

void EventInbox::handle(Request request, const Peer& /*peer*/, Reply reply) {
    Event event{std::string{valueOf(request, "SID")}, std::string{valueOf(request, "SEQ")},
                std::move(request.body())};
    const bool wanted = door_.event(tokenOf(request), std::move(event));
    reply({statusOnly(wanted ? http::status::ok : http::status::precondition_failed)});
}

}  // namespace igd::upnp
