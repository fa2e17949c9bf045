// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/firewall/factory.h"

#include "backends/firewall.h"
#include "backends/nft_mappings.h"
#include "backends/nft_pinholes.h"
#include "choice.h"
#include "firewalld/firewalld_bus.h"
#include "kernel.h"
#include "names.h"
#include "reading/host_reader.h"

#include "upnpd/util/build_parts.h"
#include "upnpd/util/log.h"
#include "upnpd/util/text.h"
#include "upnpd/util/unique_fd.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

namespace igd {

std::vector<UplinkSide> pinholeUplinks(const FirewallConfig& config) {
    const bool isOne = std::ranges::find(config.uplinks, config.external6,
                                         &UplinkSide::interface) != config.uplinks.end();
    return isOne ? config.uplinks : std::vector<UplinkSide>{};
}

namespace {

using firewall::Kernel;
using firewall::Tables;

firewall::HostFirewall lookAtHost(const FirewallConfig& config, Kernel& kernel) {
    firewall::HostFirewall host;
    for (const BuildPart each : {BuildPart::Nftables, BuildPart::Iptables})
        if (!isBuiltIn(each)) host.leftOut = each;
    if (const char* const table = kernel.legacy->firstUsed()) host.usedLegacyTable = table;
    if (!kernel.nft.wouldTake(firewall::NftMappings::trial(config)))
        host.nftablesRefusal = kernel.nft.error();
    // Reading a legacy table makes the kernel register it for good: not where nobody needs it.
    const bool needed = config.backend == BackendChoice::Iptables ||
                        (config.backend == BackendChoice::Auto && host.nftablesRefusal);
    host.legacyIptables = needed && kernel.legacy->isThere();
    return host;
}

/// libnftables ends the process where the kernel has none.
void requireNetfilterSockets() {
    const UniqueFd probe{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER)};
    if (!probe)
        throw std::runtime_error(
            fmt::format("this kernel has no netlink socket of netfilter, which upnpd needs "
                        "(CONFIG_NETFILTER_NETLINK, module nfnetlink): {}",
                        std::strerror(errno)));
}

bool kernelHasIpv6() {
    return ::access("/proc/self/net/if_inet6", F_OK) == 0;
}

Tables tablesForPinholes(const FirewallConfig& config, Kernel& kernel, Tables mappings) {
    if (!config.pinholes || !kernelHasIpv6()) return Tables::None;
    if (mappings == Tables::Iptables) {
        if (kernel.legacy6->isThere()) return Tables::Iptables;
        log::change(
            "firewall: there are no legacy tables of IPv6: pinholes are made through nftables");
    }
    if (kernel.nft.wouldTake(firewall::NftPinholes::trial(config))) return Tables::Nftables;
    log::warning("firewall: pinholes cannot be made here: nftables would not take them: {}",
                 igd::quoted(kernel.nft.error(), 200));
    return Tables::None;
}

}  // namespace

std::unique_ptr<FirewallBackend> openFirewall(const FirewallConfig& config) {
    requireNetfilterSockets();
    auto kernel = std::make_unique<Kernel>();
    const auto choice = firewall::choose(config.backend, lookAtHost(config, *kernel));
    if (!choice) throw std::runtime_error(choice.error());
    const Tables mappings =
        choice->backend == BackendChoice::Iptables ? Tables::Iptables : Tables::Nftables;
    if (mappings == Tables::Iptables && !config.openNat.empty())
        throw std::runtime_error(
            fmt::format("{} (firewall: iptables: {})", kOpenNatNeedsNftables, choice->why));
    const Tables pinholes = tablesForPinholes(config, *kernel, mappings);
    auto backend = std::make_unique<firewall::Firewall>(
        config, std::move(kernel), mappings, pinholes, firewall::openFirewalldBus(config.external));
    log::change("firewall: {}: {}", backend->name(), choice->why);
    if (mappings == Tables::Nftables && config.preroutingChain != firewall::kPrerouting)
        log::change(
            "firewall: prerouting_chain_name is not needed: nftables translates in a chain of our "
            "own");
    return backend;
}

Result<void> cleanUpFirewall() {
    requireNetfilterSockets();
    // Each back end takes away what the other one made, and in doing so no interface plays a part.
    const FirewallConfig anyInterface{.external = InterfaceName::parse("lo").value(),
                                      .internal = {}};
    auto kernel = std::make_unique<Kernel>();
    const bool byNftables =
        !isBuiltIn(BuildPart::Iptables) ||
        (isBuiltIn(BuildPart::Nftables) && firewall::HostReader{}.read().nftables);
    const Tables tables = byNftables ? Tables::Nftables : Tables::Iptables;
    const Tables pinholes = byNftables || isBuiltIn(BuildPart::Ipv6) ? tables : Tables::None;
    return firewall::Firewall{anyInterface, std::move(kernel), tables, pinholes,
                              firewall::openFirewalldBus(anyInterface.external)}
        .removeAll(FlowsThen::End);
}

}  // namespace igd
