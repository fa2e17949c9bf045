// SPDX-License-Identifier: GPL-2.0-or-later
#include "gate_router.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd::upnp {
namespace {

/// What a person sees who clicks on the router (presentationURL): who it is, and nothing that could be
/// abused.
std::string presentationPage(const DeviceIdentity& identity) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title></head>\n"
        "<body><h1>{0}</h1>\n<p>{1} {2}</p>\n<p>Internet gateway: UPnP port mapping is available.</p>\n"
        "</body></html>\n",
        xmlEscaped(identity.friendlyName), xmlEscaped(identity.modelName), xmlEscaped(identity.modelNumber));
}

Response page(std::string body) {
    auto response = document(std::move(body), "text/html; charset=\"utf-8\"");
    setHeader(response, "Content-Security-Policy", "default-src 'none'");
    setHeader(response, "X-Content-Type-Options", "nosniff");
    return response;
}

}  // namespace

GateRouter::GateRouter(const DeviceIdentity& identity, const Endpoint& own, ControlDoor& control,
                       EventDoor& events)
    : own_(own),
      control_(control),
      events_(events),
      description_(descriptionDocument(identity)),
      page_(presentationPage(identity)) {
    for (const Service* service : allServices()) scpds_[service] = scpdDocument(*service);
}

void GateRouter::handle(Request request, Ipv4Address peer, Reply reply) {
    const Route route = routeOf(textOf(request.target()));
    switch (route.door) {
        case Door::Description:
            return reply({document(description_)});
        case Door::Scpd:
            return reply({document(scpds_.at(route.service))});
        case Door::Presentation:
            return reply({page(page_)});
        case Door::Control:
            return control_.handle(request, *route.service, peer, std::move(reply));
        case Door::Event:
            return events_.handle(request, *route.service, peer, std::move(reply));
        case Door::None:
            break;
    }
    reply({statusOnly(http::status::not_found)});
}

}  // namespace igd::upnp
