// SPDX-License-Identifier: GPL-2.0-or-later
// The engine under a configuration that was read again.
#include "engine.h"

#include "upnpd/supervisor/front_end_setup.h"

namespace igd {
namespace {

/// The setup of front ends but for what changes by itself.
std::string settingsOf(const Configuration& configuration, const DeviceIdentity& identity,
                       log::Target target) {
    return encode(FrontEndSetup{target,
                                configuration.debugMode,
                                configuration.upnp,
                                {.lan = Lan{configuration.externalInterface},
                                 .httpPort = configuration.httpPort,
                                 .identity = identity,
                                 .limits = configuration.limits},
                                configuration.portControl(),
                                {}});
}

}  // namespace

std::string Engine::setupFor(const Lan& lan, std::uint32_t bootId) {
    return encode(FrontEndSetup{surroundings_.logTarget,
                                configuration_.debugMode,
                                configuration_.upnp,
                                {.lan = lan,
                                 .httpPort = configuration_.httpPort,
                                 .identity = identity_,
                                 .limits = configuration_.limits,
                                 .bootId = bootId},
                                configuration_.portControl(),
                                reporter_.status()});
}

Reloaded Engine::reload() {
    if (started_) surroundings_.serviceManager.reloading();
    Reloaded result = reloader_.reload();
    lookAtLans();
    if (started_) surroundings_.serviceManager.ready();
    reporter_.changed();
    return result;
}

Result<PolicyChange> Engine::changePolicy() {
    lookAtLans();
    const auto resolve = [this](const Lan& lan, const IpAddress& address) {
        return hosts_.resolve(lan, address);
    };
    return openings_.changePolicy(Policy{configuration_.policy}, configuration_.staticMappings,
                                  lans_, resolve, Clock::now());
}

bool Engine::enforce() {
    const auto change = changePolicy();
    if (!change) return false;
    const std::size_t ended = change->mappings + change->pinholes;
    if (ended != 0)
        log::notice(
            "reload: {} mapping(s) and {} pinhole(s) that are not permitted any more have ended",
            change->mappings, change->pinholes);
    if (change->shortened != 0)
        log::notice("reload: {} lease(s) that were longer than one may be now are as short",
                    change->shortened);
    // Clients of PCP renew by what they were granted: with a shorter lease they would come too
    // late.
    if (ended + change->shortened != 0) loseState();
    return true;
}

void Engine::applied(const Configuration& before) {
    const auto told = settingsOf(before, identity_, surroundings_.logTarget);
    log::open(surroundings_.logTarget, configuration_.debugMode);
    external_.setBitRates({configuration_.upstreamBitRate, configuration_.downstreamBitRate});
    if (before.externalAddress != configuration_.externalAddress)
        external_.set(configuration_.externalAddress);
    identity_ = identity();
    presence_.setTimeout(configuration_.policy.absentHostTimeout);
    if (before.internalInterfaces != configuration_.internalInterfaces) {
        interfaces_.followRoutes(configuration_.internalInterfaces);
        neighbours_.setInterfaces(configuration_.internalInterfaces);
        firewall_->internalInterfacesChanged(configuration_.internalInterfaces);
        if (!openings_.repair(Clock::now()))
            log::error(
                "reload: hosts on the LAN do not reach mapped ports at the external address now");
        frontEnds_.serve(configuration_.internalInterfaces);
        const auto closed = openings_.keepWithin(frontEnds_.prefixes6(), Clock::now());
        if (closed && *closed) loseState();
    }
    if (told != settingsOf(configuration_, identity_, surroundings_.logTarget))
        frontEnds_.replaceAll();
}

}  // namespace igd
