// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign_forwards.h"

#include "upnpd/net/ip_endpoint.h"
#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

#include <net/if.h>

namespace igd::firewall {
namespace {

std::string destination(const inspect::Translation& translation) {
    if (translation.unknownTarget || (!translation.address && !translation.port)) return "";
    if (!translation.address) return fmt::format(", to port {}", translation.port->value);
    if (!translation.port) return fmt::format(", to {}", toString(*translation.address));
    return fmt::format(", to {}", toString(IpEndpoint{*translation.address, *translation.port}));
}

/// Returns where the rule is and where it leads.
std::string describe(const inspect::Ruleset& rules, const inspect::Place& place) {
    const inspect::Chain& chain = rules.chains[place.chain];
    std::string text = rules.describe(place);
    for (const inspect::Step& step : chain.stepsOf(chain.rules[*place.rule]))
        if (const auto* const translation = std::get_if<inspect::Translation>(&step))
            text += destination(*translation);
    return text;
}

}  // namespace

void ForeignForwards::judge(const inspect::Ruleset& rules, std::span<const UplinkSide> outside) {
    std::vector<Known> now;
    for (const UplinkSide& each : outside) {
        const auto found = inspect::forwardsOf(
            rules, each.interface, ::if_nametoindex(each.interface.text().c_str()), each.addresses);
        if (!found && !std::exchange(tooMany_, true))
            log::warning(
                "firewall: the host's own port forwards are not known: its nat chains call "
                "one another too often");
        if (found)
            for (const inspect::Forward& forward : *found)
                now.push_back({forward.protocol, forward.ports, describe(rules, forward.rule)});
    }
    if (outside.size() > 1)
        std::ranges::sort(now, {}, [](const Known& known) {
            return std::tuple{known.protocol, known.ports, known.rule};
        });
    now.erase(std::unique(now.begin(), now.end()), now.end());
    for (const Known& forward : now)
        if (std::ranges::find(forwards_, forward) == forwards_.end())
            log::info("firewall: {} {} of the external side is not ours to map: {}",
                      lowerName(forward.protocol), toString(forward.ports), forward.rule);
    forwards_ = std::move(now);
}

std::optional<std::string> ForeignForwards::find(Protocol protocol, Port port) const {
    const auto after = std::ranges::upper_bound(
        forwards_, std::tuple{protocol, port}, {}, [](const Known& forward) {
            return std::tuple{forward.protocol, forward.ports.first};
        });
    if (after == forwards_.begin()) return std::nullopt;
    const Known& candidate = *(after - 1);
    if (candidate.protocol != protocol || !candidate.ports.contains(port)) return std::nullopt;
    return candidate.rule;
}

std::vector<Rule> ForeignForwards::toLay(std::vector<Rule> mappings) const {
    if (yielded_)
        std::erase_if(mappings, [this](const Rule& rule) {
            const PortRange ports = rule.externalPorts();
            return std::ranges::any_of(*yielded_, [&](const Known& forward) {
                return forward.protocol == rule.protocol && forward.ports.first <= ports.last &&
                       ports.first <= forward.ports.last;
            });
        });
    return mappings;
}

/// The words for a rule may change with the number of rules in front of it.
bool ForeignForwards::yieldOthers() const {
    const auto ports = [](const Known& forward) {
        return std::tuple{forward.protocol, forward.ports};
    };
    return yielded_ && !std::ranges::equal(*yielded_, forwards_, {}, ports, ports);
}

}  // namespace igd::firewall
