// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/gate_router.h"

#include "http/fingerprints.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

namespace igd::upnp {
namespace {

/// Returns the service as a client of version 1 is to see it; those that only version 2 has are
/// left as they are.
const Service* lowered(const Route& route) {
    if (route.profile.version == IgdVersion::One) return route.service;
    const Service* const lower = serviceById(kVersion1, route.service->id);
    return lower != nullptr ? lower : route.service;
}

/// A control point is shown a version that depends on what it asks for and how it names itself.
void logRequest(const Request& request, const Peer& peer, bool version1) {
    if (!log::enabled(log::Level::Debug)) return;
    const auto agent = valueOf(request, http::field::user_agent);
    log::debug("upnp: {} {} of {}, which is shown version {}; it calls itself {}",
               textOf(request.method_string()), igd::quoted(textOf(request.target())),
               toString(peer.address), version1 ? 1 : 2, igd::quoted(agent, 200));
}

}  // namespace

GateRouter::GateRouter(const DeviceIdentity& identity, SoapHandler& control, GenaHandler& events,
                       Page& page, PageActions& actions)
    : profile_(identity.profile),
      control_(control),
      events_(events),
      page_(page),
      actions_(actions) {
    DeviceIdentity shown = identity;
    for (const Profile profile : profilesOf(identity)) {
        shown.profile = profile;
        descriptions_[descriptionPath(profile)] = descriptionDocument(shown);
        for (const Service* service : allServices(profile))
            scpds_[service] = scpdDocument(*service);
    }
}

/// Returns the description that a client gets at a path. Those that can see only one version get
/// that; all others what they have asked for.
const std::string& GateRouter::descriptionFor(const Route& route, bool version1) const {
    const bool isTwo = route.profile.version == IgdVersion::Two;
    const Profile& lower = isTwo ? kVersion1 : route.profile;
    return descriptions_.at(descriptionPath(version1 ? lower : profile_));
}

void GateRouter::handle(Request request, const Peer& peer, Reply reply) {
    const Route route = routeOf(textOf(request.target()), profile_);
    const auto agent = valueOf(request, http::field::user_agent);
    const auto fixed = versionFor(agent);
    const bool version1 = profile_.version == IgdVersion::One ||
                          fixed.value_or(route.profile.version) == IgdVersion::One;
    logRequest(request, peer, version1);
    switch (route.door) {
        case Door::Description:
            return reply({document(descriptionFor(route, version1))});
        case Door::Scpd:
            return reply({document(scpds_.at(version1 ? lowered(route) : route.service))});
        case Door::Presentation:
            return page_.handle(peer, actions_.rightsOf(request, peer), std::move(reply));
        case Door::PageAction:
            return actions_.handle(request, peer, std::move(reply));
        case Door::Control:
            return control_.handle(
                request, *route.service,
                {peer.address, version1, editsOnlyEndless(agent), cleanUtf8(agent, kMaxAgent)},
                std::move(reply));
        case Door::Event:
            return events_.handle(request, *route.service, peer, std::move(reply));
        case Door::None:
            break;
    }
    reply({statusOnly(http::status::not_found)});
}

}  // namespace igd::upnp
