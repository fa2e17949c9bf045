// SPDX-License-Identifier: GPL-2.0-or-later
// The engine under a configuration that was read again.
#include "engine.h"
#include "page_password.h"

#include "upnpd/supervisor/front_end_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace igd {
namespace {

/// The setup of front ends but for what changes by itself, or without a new start of theirs.
FrontEndSetup settingsOf(const Configuration& configuration, const DeviceIdentity& identity,
                         const std::string& pageHash, log::Target target) {
    return {.logTarget = target,
            .upnp = configuration.upnp,
            .server = {.lan = Lan{InterfaceName::none()},
                       .httpPort = configuration.httpPort,
                       .identity = identity,
                       .limits = configuration.limits,
                       .pageHash = pageHash},
            .portControl = configuration.portControl(),
            .status = {}};
}

}  // namespace

std::string Engine::setupFor(const Lan& lan, std::uint32_t bootId) {
    FrontEndSetup setup = settingsOf(configuration_, identity_, pageHash_, surroundings_.logTarget);
    setup.debugMode = log_.debugMode();
    setup.server.lan = lan;
    setup.server.bootId = bootId;
    setup.status = reporter_.status();
    if (pair_) setup.answersUntil = pair_->answersUntil();
    return encode(setup);
}

void Engine::reload(Reloader::Done done) {
    if (started_) surroundings_.serviceManager.reloading();
    reloader_.reload([this, done = std::move(done)](const Reloaded& reloaded) {
        findInterfaces();
        lookAtLans();
        lookAtUplinks();
        if (started_) surroundings_.serviceManager.ready();
        reporter_.changed();
        events_.reloaded(reloaded.refused.value_or("the configuration was read again"));
        done(reloaded);
    });
}

/// Front ends whose settings stay as they are serve already; an interface that is not there yet, or
/// has no address, is waited for as at a start.
void Engine::tryOut(const Configuration& fresh, FrontEnds::Judged judged) {
    FrontEndSetup setup = settingsOf(configuration_, identity_, pageHash_, surroundings_.logTarget);
    const FrontEndSetup before = setup;
    try {
        setup = settingsOf(fresh, identityIn(fresh), readPageHash(fresh.pagePassword),
                           surroundings_.logTarget);
    } catch (const std::runtime_error& error) {
        return judged({{error.what()}});
    }
    std::vector<InterfaceName> internal = fresh.internalInterfaces;
    if (setup == before)
        std::erase_if(internal, [this](const InterfaceName& name) {
            return std::ranges::find(configuration_.internalInterfaces, name) !=
                   configuration_.internalInterfaces.end();
        });
    setup.debugMode = log_.debugMode();
    setup.trial = true;
    const auto setupOf = [setup](const Lan& lan) {
        FrontEndSetup own = setup;
        own.server.lan = lan;
        return encode(own);
    };
    metricsListener_.tryOut(
        fresh, [this, internal, setupOf, judged = std::move(judged)](const auto& ofMetrics) {
            frontEnds_.tryOut(internal, setupOf, [judged, ofMetrics](auto objections) {
                objections.insert(objections.end(), ofMetrics.begin(), ofMetrics.end());
                judged(objections);
            });
        });
}

Result<PolicyChange> Engine::changePolicy() {
    lookAtLans();
    const auto resolve = [this](const Lan& lan, const IpAddress& address) {
        return hosts_.resolve(lan, address);
    };
    const std::vector<Opening> statics =
        standsBy() ? std::vector<Opening>{} : configuration_.staticMappings;
    return openings_.changePolicy(Policy{configuration_.policy}, statics, lans_, resolve,
                                  Clock::now());
}

/// Moves rules and the external connection to the interfaces of `configuration`. Returns whether
/// the firewall takes them.
bool Engine::takeSides(const Configuration& configuration) {
    (void)uplinks_.look(configuration, external_.wan(), Clock::now());
    firewall_->sidesChanged(uplinks_.sides());
    firewall_->openNatChanged(openNatOf(configuration.policy));
    external_.moveTo(configuration.externalInterface, Clock::now());
    if (uplinks_.look(configuration, external_.wan(), Clock::now())) {
        firewall_->sidesChanged(uplinks_.sides());
        tellExternal();
    }
    return layRules(Clock::now()).has_value();
}

bool Engine::enforce(const Configuration& before) {
    const bool moves = before.sides() != configuration_.sides() ||
                       openNatOf(before.policy) != openNatOf(configuration_.policy);
    const auto change = !moves || takeSides(configuration_) ? changePolicy()
                                                            : tl::unexpected(MappingError::Backend);
    if (!change) {
        if (moves && !takeSides(before)) log::error("reload: the rules are not as before yet");
        return false;
    }
    const std::size_t ended = change->mappings + change->pinholes;
    if (ended != 0)
        log::change(
            "reload: {} mapping(s) and {} pinhole(s) that are not permitted any more have ended",
            change->mappings, change->pinholes);
    if (change->shortened != 0)
        log::change("reload: {} lease(s) that were longer than one may be now are as short",
                    change->shortened);
    // Clients of PCP renew by what they were granted: with a shorter lease they would come too
    // late.
    if (ended + change->shortened != 0) loseState();
    return true;
}

void Engine::applied(const Configuration& before) {
    const FrontEndSetup told = settingsOf(before, identity_, pageHash_, surroundings_.logTarget);
    log_.configure(configuration_.debugMode);
    names_.setFiles(configuration_.hostNames);
    external_.setBitRates({configuration_.upstreamBitRate, configuration_.downstreamBitRate});
    if (before.externalAddress != configuration_.externalAddress)
        external_.set(configuration_.externalAddress);
    lookAbove();
    if (before.upstream != configuration_.upstream) above_.set(configuration_.upstream);
    identity_ = identityIn(configuration_);
    pageHash_ = readPageHash(configuration_.pagePassword);
    presence_.setTimeout(configuration_.policy.absentHostTimeout);
    followHook();
    interfacesMoved(before);
    if (told != settingsOf(configuration_, identity_, pageHash_, surroundings_.logTarget))
        frontEnds_.replaceAll();
    metricsListener_.applied(before);
}

/// A front end that lacks a socket tries again, and `status` shows it; one that is not there is a
/// failure.
void Engine::settle(FrontEnds::Judged judged) {
    frontEnds_.whenQuiet([this, judged = std::move(judged)] {
        std::vector<FrontEnds::Objection> failures;
        for (const auto& lan : frontEnds_.served())
            if (!lan.answers && lan.problems.empty() &&
                interfaces_.state(lan.interface).isServable())
                failures.push_back({fmt::format("{}: {}", lan.interface.text(), lan.waits)});
        metricsListener_.whenQuiet([judged, failures] { judged(failures); });
    });
}

}  // namespace igd
