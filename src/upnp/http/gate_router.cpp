// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/gate_router.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd::upnp {
namespace {

/// A person who clicks on the router sees this page (presentationURL). It says who the router is,
/// and nothing that could be abused.
std::string presentationPage(const DeviceIdentity& identity) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
        "charset=\"utf-8\"><title>{0}</title></head>\n"
        "<body><h1>{0}</h1>\n<p>{1} {2}</p>\n<p>Internet gateway: UPnP port mapping is "
        "available.</p>\n"
        "</body></html>\n",
        xmlEscaped(identity.friendlyName), xmlEscaped(identity.modelName),
        xmlEscaped(identity.modelNumber));
}

Response page(std::string body) {
    auto response = document(std::move(body), "text/html; charset=\"utf-8\"");
    setHeader(response, "Content-Security-Policy", "default-src 'none'");
    setHeader(response, "X-Content-Type-Options", "nosniff");
    return response;
}

/// The service as a client is to see it; those that only version 2 has are left as they are.
const Service* shown(const Service& service, bool version1) {
    const Service* const lower = version1 ? serviceById(kVersion1, service.id) : nullptr;
    return lower != nullptr ? lower : &service;
}

}  // namespace

GateRouter::GateRouter(const DeviceIdentity& identity, SoapHandler& control, GenaHandler& events)
    : profile_(identity.profile),
      control_(control),
      events_(events),
      description_(descriptionDocument(identity)),
      version1Description_(descriptionDocument(asVersion1(identity))),
      page_(presentationPage(identity)) {
    for (const Profile profile : {identity.profile, kVersion1})
        for (const Service* service : allServices(profile))
            scpds_[service] = scpdDocument(*service);
}

void GateRouter::handle(Request request, const Peer& peer, Reply reply) {
    const Route route = routeOf(textOf(request.target()), profile_);
    const bool version1 = needsVersion1(request) || (route.version1 && !knowsVersion2(request));
    switch (route.door) {
        case Door::Description:
            return reply({document(version1 ? version1Description_ : description_)});
        case Door::Scpd:
            return reply({document(scpds_.at(shown(*route.service, version1)))});
        case Door::Presentation:
            return reply({page(page_)});
        case Door::Control:
            return control_.handle(request, *route.service, {peer.address, version1},
                                   std::move(reply));
        case Door::Event:
            return events_.handle(request, *route.service, peer, std::move(reply));
        case Door::None:
            break;
    }
    reply({statusOnly(http::status::not_found)});
}

}  // namespace igd::upnp
