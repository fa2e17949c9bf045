// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/gate_request.h"

#include "upnpd/util/text.h"

#include <algorithm>
#include <array>

namespace igd::upnp {
namespace {

std::optional<http::status> originRefusal(const RequestHeader& header, const IpEndpoint& own) {
    // A page in a browser: by a name that was bound to our address anew, or across origins
    // (SEC-WAN-14).
    if (header.count(http::field::origin) > 0) return http::status::forbidden;
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

/// `name` in lower case is part of the User-Agent.
bool isAgent(const RequestHeader& header, std::string_view name) {
    return toLower(valueOf(header, http::field::user_agent)).find(name) != std::string::npos;
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
    const auto target = targetOf(requestTarget).path;
    if (equalsIgnoringCase(target, kDescriptionPath)) return {Door::Description};
    if (equalsIgnoringCase(target, kVersion1DescriptionPath))
        return {Door::Description, nullptr, true};
    if (target == "/") return {Door::Presentation};
    if (const auto* service = serviceByControlPath(profile, target))
        return {Door::Control, service};
    if (const auto* service = serviceByEventPath(profile, target)) return {Door::Event, service};
    for (const Profile one : {profile, kVersion1}) {
        for (const Service* service : allServices(one))
            if (equalsIgnoringCase(target, service->scpdPath))
                return {Door::Scpd, service, one == kVersion1};
    }
    return {};
}

bool needsVersion1(const RequestHeader& header) {
    return std::ranges::any_of(
        std::array{"microsoft", "fdssdp", "xbox", "portable sdk for upnp devices"},
        [&](const char* name) { return isAgent(header, name); });
}

bool knowsVersion2(const RequestHeader& header) {
    return isAgent(header, "miniupnpc");
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
    if (const auto status = originRefusal(header, own)) return statusOnly(*status);
    const Route route = routeOf(textOf(header.target()), profile);
    if (route.door == Door::None) return statusOnly(http::status::not_found);
    if (allows(route.door, header.method())) return std::nullopt;
    auto response = statusOnly(http::status::method_not_allowed);
    setHeader(response, "ALLOW", allowedMethods(route.door));
    return response;
}

}  // namespace igd::upnp
