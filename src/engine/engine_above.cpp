// SPDX-License-Identifier: GPL-2.0-or-later
// The engine and the gateway above: what it is told of the line, and what becomes of its word.
#include "engine.h"
#include "machine.h"

#include "upnpd/system/route_questions.h"

#include <fmt/format.h>

namespace igd {

GatewayAbove::Parts Engine::aboveParts() {
    return {.nonceSeed = nonceSeedOfThisMachine(),
            .ownUuid = identityIn(configuration_).uuid,
            .mapped =
                [this] {
                    std::vector<Opening> mappings = openings_.lists().all();
                    std::erase_if(mappings, [](const Opening& each) { return !each.isEnabled(); });
                    return mappings;
                },
            .lost = [this](const MappingKey& key, const std::string& why) { lostAbove(key, why); },
            .changed = [this] { external_.above(above_.external(), above_.name()); },
            .answered = [this] { dispatcher_.lookAgain(); }};
}

void Engine::lookAbove() {
    const Wan& wan = external_.wan();
    GatewayAbove::Line line{wan.name(), wan.address(), std::nullopt, wan.allAddresses(), {}};
    if (configuration_.upstream.by != Upstream::Off) line.gateway = gatewayBehind(wan.name());
    for (const Lan& lan : lans_.present)
        line.internal.insert(line.internal.end(), lan.addresses.begin(), lan.addresses.end());
    above_.look(std::move(line));
}

/// A client that has asked for the port is told by its end; the administrator keeps what he wrote.
void Engine::lostAbove(const MappingKey& key, const std::string& why) {
    const std::string text = fmt::format("the gateway above leads its port here no more: {}", why);
    if (!openings_.lostAbove(key, text, Clock::now()))
        return log::warning("upstream: {} is mapped, but {}", toString(key), text);
    loseState();
    openingsChanged();
}

}  // namespace igd
