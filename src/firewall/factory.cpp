// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/firewall/factory.h"

#include "upnpd/util/log.h"

#include "choice.h"
#include "iptables_backend.h"
#include "kernel.h"
#include "names.h"
#include "nftables_backend.h"

#include <stdexcept>

namespace igd {
namespace {

firewall::HostFirewall lookAtHost(const FirewallConfig& config, firewall::Kernel& kernel) {
    firewall::HostFirewall host;
    if (const char* const table = kernel.legacy.firstUsed()) host.usedLegacyTable = table;
    if (!kernel.nft.wouldTake(firewall::NftablesBackend::trial(config)))
        host.nftablesRefusal = kernel.nft.error();
    // Reading a legacy table makes the kernel register it for good: not where nobody needs it.
    const bool needed = config.backend == BackendChoice::Iptables || host.usedLegacyTable ||
                        (config.backend == BackendChoice::Auto && host.nftablesRefusal);
    host.legacyIptables = needed && firewall::LegacyTable::read("nat");
    return host;
}

}  // namespace

std::unique_ptr<FirewallBackend> openFirewall(const FirewallConfig& config) {
    auto kernel = std::make_unique<firewall::Kernel>();
    const auto choice = firewall::choose(config.backend, lookAtHost(config, *kernel));
    if (!choice) throw std::runtime_error(choice.error());
    std::unique_ptr<FirewallBackend> backend;
    if (choice->backend == BackendChoice::Iptables)
        backend = std::make_unique<firewall::IptablesBackend>(config, std::move(kernel));
    else
        backend = std::make_unique<firewall::NftablesBackend>(config, std::move(kernel));
    log::notice("firewall: {}: {}", backend->name(), choice->why);
    if (choice->backend == BackendChoice::Nftables && config.preroutingChain != firewall::kPrerouting)
        log::notice(
            "firewall: prerouting_chain_name is not needed: nftables translates in a chain of our own");
    return backend;
}

Result<void> cleanUpFirewall() {
    auto kernel = std::make_unique<firewall::Kernel>();
    const bool nftables = kernel->nft.rulesetJson().has_value();
    // Each takes what the other made too; the interface plays no part in what is taken out.
    const FirewallConfig config{BackendChoice::Auto, InterfaceName::parse("lo").value(), {}};
    if (nftables) return firewall::NftablesBackend{config, std::move(kernel)}.removeAll();
    return firewall::IptablesBackend{config, std::move(kernel)}.removeAll();
}

}  // namespace igd
