// SPDX-License-Identifier: GPL-2.0-or-later
// This file joins the engine's parts: it says what each may ask of the others.
#include "engine.h"
#include "outbound_timeout.h"

#include "upnpd/supervisor/front_end_setup.h"

#include <stdexcept>

namespace igd {

RequestDispatcher::Parts Engine::dispatcherParts() {
    return {.openings = openings_,
            .hosts = hosts_,
            .busy = [this] { return firewall_->isBusy(); },
            .status = [this] { return reporter_.countedStatus(); },
            .outboundTimeout = [](Protocol protocol) { return conntrackTimeout(protocol); },
            .applied =
                [this] {
                    timers_.changed();
                    reporter_.tellNow();
                }};
}

FrontEndHandlers Engine::frontEndHandlers() {
    return {.carryOut =
                [this](const ipc::Call& call, const Lan& lan, FrontEndHandlers::Answered answered) {
                    dispatcher_.dispatch(call, lan, std::move(answered));
                },
            .setup = [this](const Lan& lan, std::uint32_t bootId) { return setupFor(lan, bootId); },
            .advertisement =
                [this](const Lan& lan, Port port, std::uint32_t bootId, bool byebye) {
                    return encode(AdvertiserSetup{.logTarget = surroundings_.logTarget,
                                                  .debugMode = configuration_.debugMode,
                                                  .lan = lan,
                                                  .httpPort = port,
                                                  .identity = identity_,
                                                  .bootId = bootId,
                                                  .byebye = byebye});
                },
            .allStarted = [this](const std::string& error) { started(error); }};
}

StatusReporter::Parts Engine::reporterParts() {
    return {.openings = openings_,
            .external = external_,
            .ipv6FirewallEnabled = [this] { return configuration_.ipv6FirewallEnabled; },
            .awaited =
                [this] {
                    auto awaited = configuration_.internalInterfaces;
                    std::erase_if(awaited, [this](const InterfaceName& name) {
                        return interfaces_.state(name).primary().has_value();
                    });
                    return awaited;
                },
            .broadcast = [this](const GatewayStatus& status) { frontEnds_.broadcast(status); }};
}

Reloader::Parts Engine::reloaderParts() {
    return {.reread = surroundings_.reread,
            .enforce = [this] { return enforce(); },
            .applied = [this](const Configuration& before) { applied(before); }};
}

/// The openings matter more than the view of them: without the socket the daemon does its work all
/// the same.
void Engine::openAdmin() {
    if (!configuration_.controlSocket) return;
    try {
        admin_.emplace(loop_, *configuration_.controlSocket,
                       [this](std::string_view request, bool mayChange) {
                           return answerAdmin({.openings = openings_,
                                               .repairs = repairs_,
                                               .firewall = *firewall_,
                                               .external = external_,
                                               .served = [this] { return frontEnds_.served(); },
                                               .clear = [this] { return clear(); },
                                               .reload = [this] { return reload(); },
                                               .lookAgain = [this] { lookAgain(); }},
                                              request, mayChange);
                       });
    } catch (const std::runtime_error& error) {
        log::warning("upnpctl will not reach this daemon: {}", error.what());
    }
}

}  // namespace igd
