// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/nft_mappings.h"

#include "nft/nft_elements.h"
#include "nft/nft_table.h"

#include <array>

namespace igd::firewall {

std::string NftMappings::trial(const FirewallConfig& config) {
    constexpr int kMarkPriority = -5;
    const Rule rule{.protocol = Protocol::Tcp,
                    .externalPort = Port{1024},
                    .internal = {Ipv4Address{}, Port{1024}},
                    .timeout = Seconds{60},
                    .comment = "trial"};
    Rule set = rule;
    set.portCount = 2;
    const std::array rules{rule, set};
    return tableScript({config.external,
                        config.internal,
                        {Ipv4Address{}},
                        kMarkPriority,
                        config.markBits,
                        config.openNat,
                        config.uplinks,
                        config.internal}) +
           fillScript(rules);
}

Result<void> NftMappings::apply(const RuleDelta& delta) {
    if (!change(delta)) return fail(MappingError::Backend);
    return {};
}

std::optional<int> NftMappings::markPriority(const HostView& view) const {
    return view.plan.openings.empty() ? std::nullopt : std::optional{view.plan.markPriority};
}

std::string NftMappings::layScript(std::span<const Rule> rules, std::optional<int> markPriority) {
    const auto hairpinFor = config().hairpin ? config().internal : std::vector<InterfaceName>{};
    return tableScript({config().external, hairpinFor, externalAddresses_, markPriority,
                        config().markBits, config().openNat, config().uplinks, config().internal}) +
           fillScript(rules);
}

Result<void> NftMappings::externalAddressChanged(std::span<const Ipv4Address> addresses) {
    externalAddresses_.assign(addresses.begin(), addresses.end());
    if (!isLaid()) return {};
    NftBatch batch;
    batch.put(clearMessage(kExternalSet));
    for (const Ipv4Address address : addresses)
        batch.put(addMessage({.set = kExternalSet, .key = {Ipv4Prefix{address, 32}}}));
    if (!commit(std::move(batch))) return fail(MappingError::Backend);
    return {};
}

}  // namespace igd::firewall
