// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/gate_request.h"

#include "http/header_text.h"
#include "page/page_actions.h"

#include "upnpd/util/text.h"

#include <algorithm>
#include <array>

namespace igd::upnp {
namespace {

/// Clients that remember where 2.0 had the description of version 1 find it there.
constexpr std::string_view kFormerPath = "/rootDesc1.xml";

constexpr std::array kPageActions{PageActions::kSignIn, PageActions::kSignOut, PageActions::kClose,
                                  PageActions::kAllow, PageActions::kBlock};

/// Only the forms of our own page come from a page in a browser: whatever else does, comes by a
/// name that was bound to our address anew, or across origins (SEC-WAN-14).
bool isFromAllowedOrigin(const RequestHeader& header, Door door, const IpEndpoint& own) {
    if (door != Door::PageAction) return header.count(http::field::origin) == 0;
    constexpr std::string_view kScheme = "http://";
    const auto origin = valueOf(header, http::field::origin);
    const auto site = valueOf(header, "Sec-Fetch-Site");
    return header.count(http::field::origin) == 1 && origin.starts_with(kScheme) &&
           namesUs(origin.substr(kScheme.size()), own) && (site.empty() || site == "same-origin");
}

std::optional<http::status> originRefusal(const RequestHeader& header, Door door,
                                          const IpEndpoint& own) {
    if (!isFromAllowedOrigin(header, door, own)) return http::status::forbidden;
    const auto hosts = header.count(http::field::host);
    const bool mayLack = header.version() < 11;  // DESC-20
    if (hosts > 1 || (hosts == 0 && !mayLack)) return http::status::bad_request;
    // The authority of an absolute URI counts in place of HOST (RFC 9112 section 3.2.2).
    const auto authority = targetOf(textOf(header.target())).authority;
    if (hosts == 0 && !authority) return std::nullopt;
    if (!namesUs(authority.value_or(valueOf(header, http::field::host)), own))
        return http::status::forbidden;
    return std::nullopt;
}

}  // namespace

Target targetOf(std::string_view text) {
    constexpr std::string_view kScheme = "http://";
    Target target;
    if (equalsIgnoringCase(text.substr(0, kScheme.size()), kScheme)) {
        text.remove_prefix(kScheme.size());
        target.authority = text.substr(0, text.find_first_of("/?"));
        text.remove_prefix(target.authority->size());
    }
    target.path = text.substr(0, text.find('?'));
    while (target.path.starts_with("//")) target.path.remove_prefix(1);
    if (target.authority && target.path.empty()) target.path = "/";
    return target;
}

Route routeOf(std::string_view requestTarget, Profile profile) {
    const auto path = targetOf(requestTarget).path;
    if (path == "/") return {Door::Presentation};
    if (std::ranges::find(kPageActions, path) != kPageActions.end()) return {Door::PageAction};
    if (equalsIgnoringCase(path, kFormerPath)) return {Door::Description, nullptr, kVersion1};
    for (const Profile tree : {profile, kVersion1, kVersion1Ppp}) {
        if (equalsIgnoringCase(path, descriptionPath(tree)))
            return {Door::Description, nullptr, tree};
        for (const Service* service : allServices(tree)) {
            if (path == service->controlPath) return {Door::Control, service, tree};
            if (path == service->eventPath) return {Door::Event, service, tree};
            if (equalsIgnoringCase(path, service->scpdPath)) return {Door::Scpd, service, tree};
        }
    }
    return {};
}

std::string_view namedAction(const RequestHeader& header) {
    if (const auto action = valueOf(header, "SOAPACTION"); !action.empty()) return action;
    const auto type = valueOf(header, http::field::content_type);
    const bool isSoap12 =
        equalsIgnoringCase(trimmed(type.substr(0, type.find(';'))), "application/soap+xml");
    return isSoap12 ? parameterIn(type, "action") : std::string_view{};
}

bool isCodingKnown(const RequestHeader& header) {
    const auto count = header.count(http::field::transfer_encoding);
    return count == 0 ||
           (count == 1 &&
            equalsIgnoringCase(valueOf(header, http::field::transfer_encoding), "chunked"));
}

bool expectsContinue(const RequestHeader& header) {
    return header.version() >= 11 &&
           equalsIgnoringCase(valueOf(header, http::field::expect), "100-continue");
}

std::string_view allowedMethods(Door door) {
    switch (door) {
        case Door::Description:
        case Door::Scpd:
        case Door::Presentation:
            return "GET, HEAD";
        case Door::PageAction:
        case Door::Control:
            return "POST";
        case Door::Event:
            return "SUBSCRIBE, UNSUBSCRIBE";
        case Door::None:
            return "";
    }
    return "";
}

bool allows(Door door, http::verb method) {
    switch (door) {
        case Door::Description:
        case Door::Scpd:
        case Door::Presentation:
            return method == http::verb::get || method == http::verb::head;
        case Door::PageAction:
        case Door::Control:
            return method == http::verb::post;
        case Door::Event:
            return method == http::verb::subscribe || method == http::verb::unsubscribe;
        case Door::None:
            return false;
    }
    return false;
}

bool namesUs(std::string_view host, const IpEndpoint& own) {
    std::string plain{host};
    // A client may name its own end of a link-local address: [fe80::1%eth0] (IGD-Quirk-28).
    if (const auto zone = plain.find('%'); zone != std::string::npos && plain.starts_with('['))
        plain.erase(zone, std::min(plain.find(']'), plain.size()) - zone);
    return parseAuthority(plain, own.port) == own;
}

std::optional<Response> refusal(const RequestHeader& header, const IpEndpoint& own,
                                Profile profile) {
    const Route route = routeOf(textOf(header.target()), profile);
    if (const auto status = originRefusal(header, route.door, own)) return statusOnly(*status);
    if (route.door == Door::None) return statusOnly(http::status::not_found);
    if (allows(route.door, header.method())) return std::nullopt;
    auto response = statusOnly(http::status::method_not_allowed);
    setHeader(response, "ALLOW", allowedMethods(route.door));
    return response;
}

}  // namespace igd::upnp
