// SPDX-License-Identifier: GPL-2.0-or-later
// SIGHUP and `upnpctl reload`: the engine under a configuration that was read again.
#include "engine.h"
#include "machine.h"

#include "upnpd/supervisor/front_end_setup.h"

#include <fmt/format.h>

#include <utility>

namespace igd {
namespace {

Reloaded refusal(std::vector<std::string> notes, const std::string& why) {
    log::error("reload refused: the old settings stay in force");
    return {why + "\nthe old settings stay in force", std::move(notes)};
}

/// What to say of the file; the errors are `why`.
std::vector<std::string> notesOf(const std::vector<Diagnostic>& diagnostics, std::string& why) {
    std::vector<std::string> notes;
    for (const Diagnostic& diagnostic : diagnostics) {
        notes.push_back(toString(diagnostic));
        log::format(levelOf(diagnostic.severity), "{}", notes.back());
        if (diagnostic.severity == Severity::Error) why += (why.empty() ? "" : "\n") + notes.back();
    }
    return notes;
}

}  // namespace

Wan::BitRates Engine::bitRates() const {
    return {configuration_.upstreamBitRate, configuration_.downstreamBitRate};
}

DeviceIdentity Engine::identity() const {
    DeviceIdentity identity = identityOfThisMachine(configuration_);
    identity.profile.pinholes = pinholes_ && identity.profile.version == IgdVersion::Two;
    return identity;
}

Lans Engine::lans() const {
    Lans lans{{}, true};
    for (const InterfaceName& name : configuration_.internalInterfaces) {
        const InterfaceState state = interfaces_.state(name);
        if (state.primary())
            lans.present.push_back(lanOf(name, state));
        else
            lans.all = false;
    }
    return lans;
}

/// Their setup but for what changes by itself.
std::string Engine::toldFrontEnds() const {
    return encode(
        FrontEndSetup{logTarget_,
                      configuration_.debugMode,
                      configuration_.upnp,
                      {Lan{wan_.name()}, configuration_.httpPort, identity_, configuration_.limits},
                      configuration_.portControl(),
                      {}});
}

Reloaded Engine::reload() {
    if (started_) serviceManager_.reloading();
    const auto finish = [this](Reloaded result) {
        if (started_) serviceManager_.ready();
        report_.changed();
        return result;
    };
    LoadedConfiguration loaded = reread_();
    std::string why;
    std::vector<std::string> notes = notesOf(loaded.diagnostics, why);
    if (!loaded.configuration) return finish(refusal(std::move(notes), why));
    for (const std::string& key : keepUntilRestart(configuration_, *loaded.configuration)) {
        notes.push_back(key + " counts from the next start of upnpd on");
        log::warning("reload: {}", notes.back());
    }
    const std::string told = toldFrontEnds();
    Configuration before = std::exchange(configuration_, std::move(*loaded.configuration));
    if (!enforce()) {
        configuration_ = std::move(before);
        return finish(
            refusal(std::move(notes), "the firewall does not take the change (see its log line)"));
    }
    log::open(logTarget_, configuration_.debugMode);
    wan_.setBitRates(bitRates());
    if (before.externalAddress != configuration_.externalAddress) changeExternalSetting();
    identity_ = identity();
    if (before.internalInterfaces != configuration_.internalInterfaces) serveOthers();
    if (told != toldFrontEnds()) frontEnds_.replaceAll();
    planBroadcast();
    log::notice("the configuration was read again");
    return finish({std::nullopt, std::move(notes)});
}

/// Mappings first: they can be refused, and then nothing has changed yet.
bool Engine::enforce() {
    const Lans networks = lans();
    auto change =
        mapper_.changePolicy(policy(), configuration_.staticMappings, networks, Clock::now());
    if (!change) return false;
    portControl_->changePolicy(policy(), configuration_.inboundPinholeAllowed);
    std::size_t closed = 0;
    if (pinholes_) {
        const std::size_t before = pinholes_->size();
        const auto changed = pinholes_->changePolicy(policy(), networks);
        if (changed) change->shortened += changed->shortened;
        const bool cleared = configuration_.inboundPinholeAllowed || pinholes_->clear();
        if (!changed || !cleared)
            log::error("reload: pinholes that are not permitted stay for their lease");
        closed = before - pinholes_->size();
    }
    if (change->ended + closed != 0)
        log::notice(
            "reload: {} mapping(s) and {} pinhole(s) that are not permitted any more have ended",
            change->ended, closed);
    if (change->shortened != 0)
        log::notice("reload: {} lease(s) that were longer than one may be now are as short",
                    change->shortened);
    // Clients of PCP renew by what they were granted: whose lease is shorter now would come too
    // late.
    if (change->ended + closed + change->shortened != 0) loseState();
    return true;
}

/// Hairpin is laid for the interfaces that are served.
void Engine::serveOthers() {
    neighbours_.setInterfaces(configuration_.internalInterfaces);
    interfaces_.followRoutes(configuration_.internalInterfaces);
    firewall_->internalInterfacesChanged(configuration_.internalInterfaces);
    if (!mapper_.repair(Clock::now()))
        log::error(
            "reload: hosts on the LAN do not reach mapped ports at the external address now");
    frontEnds_.serve(configuration_.internalInterfaces);
    if (pinholes_ && pinholes_->keepWithin(frontEnds_.prefixes6())) loseState();
}

}  // namespace igd
