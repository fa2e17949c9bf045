// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/page_actions.h"

#include "http/gate_request.h"
#include "http/header_text.h"
#include "page/form.h"
#include "page/page_response.h"
#include "page/password.h"

#include "upnpd/portmap/call_times.h"
#include "upnpd/util/log.h"
#include "upnpd/util/parse.h"
#include "upnpd/util/text.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace igd::upnp {
namespace {

constexpr FairLimit::Rates kTries{.perHost = 1, .total = 5};
constexpr std::string_view kCookie = "upnpd-page";

/// The value of our cookie; a header of cookies is a list of parameters (RFC 6265 section 4.2.1).
std::string secretIn(const RequestHeader& header) {
    return std::string{
        parameterIn(fmt::format(";{}", valueOf(header, http::field::cookie)), kCookie)};
}

/// It ends with the browser; an empty one ends at once.
void setCookie(Response& response, std::string_view secret) {
    setHeader(response, "Set-Cookie",
              fmt::format("{}={}; Path=/{}; HttpOnly; SameSite=Strict", kCookie, secret,
                          secret.empty() ? "; Max-Age=0" : ""));
}

std::string_view pathOf(const Request& request) {
    return targetOf(textOf(request.target())).path;
}

bool isForm(const Request& request) {
    const auto type = valueOf(request, http::field::content_type);
    return equalsIgnoringCase(trimmed(type.substr(0, type.find(';'))),
                              "application/x-www-form-urlencoded");
}

/// Returns what a form asks of the engine; nullopt: nothing that makes sense.
std::optional<GatewayRequest> requestIn(const Request& request, const IpAddress& from) {
    const auto path = pathOf(request);
    const auto id = parseUnsigned<std::uint32_t>(formField(request.body(), "id").value_or(""));
    const auto host = parseIpAddress(formField(request.body(), "host").value_or(""));
    if (path == PageActions::kClose && id) return CloseOpening{*id, from};
    if (path == PageActions::kAllow && host) return ApproveHost{*host, true, from};
    if (path == PageActions::kBlock && host) return ApproveHost{*host, false, from};
    return std::nullopt;
}

std::string_view failureOf(MappingError error) {
    if (error == MappingError::NotFound) return "It is not there any more.";
    if (error == MappingError::NotAuthorized) return "That cannot be changed here.";
    return "The firewall did not take the change; the router's log says why.";
}

}  // namespace

PageActions::PageActions(Gateway& gateway, std::string hash,
                         std::function<void(const IpAddress&)> changed,
                         std::function<TimePoint()> now)
    : gateway_(gateway),
      hash_(std::move(hash)),
      changed_(std::move(changed)),
      now_(std::move(now)),
      tries_(kTries) {}

PageRights PageActions::rightsOf(const RequestHeader& header, const Peer& peer) const {
    if (hash_.empty()) return {};
    return {true, signIns_.tokenOf(secretIn(header), peer.address, now_()).value_or("")};
}

void PageActions::handle(const Request& request, const Peer& peer, Reply reply) {
    if (hash_.empty()) return reply({statusOnly(http::status::not_found)});
    if (!isForm(request)) return reply({statusOnly(http::status::unsupported_media_type)});
    if (pathOf(request) == kSignIn) return signIn(request, peer, reply);
    const auto secret = secretIn(request);
    const auto token = signIns_.tokenOf(secret, peer.address, now_());
    if (!token || !isSameSecret(formField(request.body(), "token").value_or(""), *token))
        return reply({pageNotice(http::status::forbidden, "Sign in first.")});
    signIns_.use(secret, now_());
    if (pathOf(request) != kSignOut) {
        const auto asked = requestIn(request, peer.address);
        if (!asked) return reply({statusOnly(http::status::bad_request)});
        return act(*asked, peer, std::move(reply));
    }
    signIns_.end(secret);
    auto response = backToPage();
    setCookie(response, "");
    reply({std::move(response)});
}

void PageActions::signIn(const Request& request, const Peer& peer, const Reply& reply) {
    if (!tries_.admits(peer.address, peer.host, now_())) {
        auto response = pageNotice(http::status::service_unavailable,
                                   "Too many have tried a password: wait a second.");
        setHeader(response, "Retry-After", "1");
        return reply({std::move(response)});
    }
    if (!isPassword(formField(request.body(), "password").value_or(""), hash_)) {
        log::warning("page: a wrong password from {}", toString(peer.address));
        return reply({pageNotice(http::status::forbidden, "That is not the password.")});
    }
    log::change("page: {} has signed in", toString(peer.address));
    auto response = backToPage();
    setCookie(response, signIns_.add(peer.address, now_()));
    reply({std::move(response)});
}

void PageActions::act(const GatewayRequest& request, const Peer& peer, Reply reply) {
    gateway_.ask(request, now_() + kCallTime,
                 [this, from = peer.address, reply = std::move(reply)](const GatewayReply& told) {
                     changed_(from);
                     const auto done = resultIn<Done>(told);
                     if (done) return reply({backToPage()});
                     reply({pageNotice(http::status::conflict, failureOf(done.error()))});
                 });
}

}  // namespace igd::upnp
