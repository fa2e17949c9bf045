// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of the engine: they are looked at, laid again, and taken out.
#include "engine.h"

namespace igd {

/// SIGUSR2, `upnpctl sync`
void Engine::lookAgain() {
    watch_.look();
    external_.ask();
}

Result<void> Engine::clear() {
    if (const auto cleared = openings_.clear(Clock::now()); !cleared) return cleared;
    loseState();
    return {};
}

Result<void> Engine::layRules(TimePoint now) {
    if (standsBy()) return {};
    traffic_.beforeLaying(now);
    const auto laid = openings_.repair(now);
    traffic_.laid();
    return laid;
}

bool Engine::removeRules() {
    rulesLaid_ = false;
    if (firewall_->removeAll(pair_ ? FlowsThen::Stay : FlowsThen::End)) return true;
    log::error("firewall: rules are left in the kernel");
    return false;
}

}  // namespace igd
