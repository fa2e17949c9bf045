// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/firewall/factory.h"

#include "backends/ip6tables_pinholes.h"
#include "backends/iptables_backend.h"
#include "backends/kernel.h"
#include "backends/nft_pinholes.h"
#include "backends/nftables_backend.h"
#include "choice.h"
#include "conntrack/outgoing_flows.h"
#include "names.h"

#include "upnpd/util/log.h"

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
    if (choice->backend == BackendChoice::Nftables &&
        config.preroutingChain != firewall::kPrerouting)
        log::notice(
            "firewall: prerouting_chain_name is not needed: nftables translates in a chain of our "
            "own");
    return backend;
}

std::unique_ptr<PinholeFirewall> openPinholeFirewall(const FirewallConfig& config,
                                                     std::string_view backend) {
    auto kernel = std::make_unique<firewall::PinholeKernel>();
    if (backend == "iptables") {
        if (firewall::LegacyTable6::read("filter"))
            return std::make_unique<firewall::Ip6tablesPinholes>(config, std::move(kernel));
        log::notice(
            "firewall: there are no legacy tables of IPv6: pinholes are made through nftables");
    }
    return std::make_unique<firewall::NftPinholes>(config, std::move(kernel));
}

std::unique_ptr<FlowTable> openFlowTable() {
    return std::make_unique<firewall::OutgoingFlows>();
}

namespace {

/// Each back end takes what the other made too; the interface plays no part in what is taken out.
FirewallConfig anyInterface() {
    return {BackendChoice::Auto, InterfaceName::parse("lo").value(), {}};
}

Result<void> cleanUpMappings() {
    auto kernel = std::make_unique<firewall::Kernel>();
    if (kernel->nft.rulesetJson().has_value())
        return firewall::NftablesBackend{anyInterface(), std::move(kernel)}.removeAll();
    return firewall::IptablesBackend{anyInterface(), std::move(kernel)}.removeAll();
}

Result<void> cleanUpPinholes() {
    auto kernel = std::make_unique<firewall::PinholeKernel>();
    if (kernel->nft.rulesetJson().has_value())
        return firewall::NftPinholes{anyInterface(), std::move(kernel)}.removeAll();
    return firewall::Ip6tablesPinholes{anyInterface(), std::move(kernel)}.removeAll();
}

}  // namespace

Result<void> cleanUpFirewall() {
    const auto mappings = cleanUpMappings();
    const auto pinholes = cleanUpPinholes();
    return mappings ? pinholes : mappings;
}

}  // namespace igd
