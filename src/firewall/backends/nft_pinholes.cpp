// SPDX-License-Identifier: GPL-2.0-or-later
#include "backends/nft_pinholes.h"

#include "nft/nft_elements.h"
#include "nft/nft_table.h"

namespace igd::firewall {

std::string NftPinholes::trial(const FirewallConfig& config) {
    constexpr int kMarkPriority = -5;
    const Rule rule{.protocol = Protocol::Tcp,
                    .internal = {Ipv6Address{}, Port{1024}},
                    .filters = {PeerFilter{}},
                    .timeout = Seconds{60},
                    .comment = "trial"};
    return pinholeTableScript(
               {config.external6, kMarkPriority, config.markBits, pinholeUplinks(config)}) +
           fillScript({&rule, 1});
}

Result<void> NftPinholes::apply(const RuleDelta& delta) {
    if (!change(delta)) return fail(MappingError::Backend);
    return {};
}

Result<std::uint64_t> NftPinholes::packets(const Rule& rule) {
    std::uint64_t sum = 0;
    for (const NftElement& element : pinholeElements(rule)) {
        const auto answer = kernel().elements.ask(element);
        const auto packets = answer ? packetsIn(*answer) : std::nullopt;
        if (!packets) return fail(MappingError::Backend);
        sum += *packets;
    }
    return sum;
}

std::string NftPinholes::layScript(std::span<const Rule> rules, std::optional<int> markPriority) {
    return pinholeTableScript({config().external6, markPriority.value(), config().markBits,
                               pinholeUplinks(config())}) +
           fillScript(rules);
}

}  // namespace igd::firewall
