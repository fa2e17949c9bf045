// SPDX-License-Identifier: GPL-2.0-or-later
// What the engine does when the external side changes, or what clients are told of it.
#include "engine.h"

namespace igd {

void Engine::interfacesChanged() {
    const auto before = wan_.address();
    if (wan_.refresh(Clock::now())) {
        if (before != wan_.address()) portControl_->beginEpoch();
        externalChanged();
        if (before != wan_.address()) askStun();
    }
    frontEnds_.interfacesChanged();
    report_.changed();
    if (pinholes_ && pinholes_->keepWithin(frontEnds_.prefixes6())) loseState();
}

void Engine::externalChanged() {
    log::notice("system: external {}", describe(wan_.view()));
    if (!firewall_->externalAddressChanged(wan_.addresses()))
        log::error(
            "firewall: hosts on the LAN do not reach mapped ports at the external address now");
    planBroadcast();
    report_.changed();
}

/// The configuration was read again.
void Engine::changeExternalSetting() {
    const auto before = wan_.external().told();
    wan_.set(configuration_.externalAddress);
    askStun();
    tellOther(before);
}

/// The address is another one, or somebody wants to know.
void Engine::askStun() {
    if (!stun_ && wan_.external().isAskedFor())
        stun_.emplace(loop_, wan_.name(), [this](const StunReport& report) { stunHeard(report); });
    if (!stun_) return;
    if (wan_.external().isAskedFor() && !stopping_)
        stun_->ask({*wan_.address(), configuration_.externalAddress.server});
    else
        stun_->stop();
}

void Engine::stunHeard(const StunReport& report) {
    const auto before = wan_.external().told();
    wan_.heard(report);
    if (report.answer && wan_.address() && natSaid_ != report.answer->mapped.address) {
        natSaid_ = report.answer->mapped.address;
        if (const std::string text = natInFront(*wan_.address(), *report.answer); !text.empty())
            log::warning("stun: {}", text);
    }
    tellOther(before);
}

/// The mappings stay; but clients have told others the address `before`, if that is no longer true
/// (RFC 6887 section 8.5).
void Engine::tellOther(std::optional<Ipv4Address> before) {
    if (before == wan_.external().told()) return;
    portControl_->renewEpoch();
    externalChanged();
}

/// SIGUSR2, `upnpctl sync`
void Engine::lookAgain() {
    repairs_->look();
    askStun();
}

}  // namespace igd
