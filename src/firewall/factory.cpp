// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/firewall/factory.h"

#include "upnpd/util/log.h"

#include "iptables_backend.h"
#include "kernel.h"
#include "nftables_backend.h"

#include <fmt/format.h>

#include <stdexcept>

namespace igd {
namespace {

struct Choice {
    BackendChoice backend;
    std::string why;
};

Choice choose(BackendChoice wish, firewall::Kernel& kernel) {
    if (wish != BackendChoice::Auto) return {wish, "as configured"};
    if (const char* const table = kernel.legacy.firstUsed())
        return {BackendChoice::Iptables,
                fmt::format("legacy iptables is in use: table {} is not empty", table)};
    if (kernel.nft.rulesetJson()) return {BackendChoice::Nftables, "no legacy iptables rules are in use"};
    return {BackendChoice::Iptables, "the kernel has no nftables"};
}

void check(BackendChoice backend, firewall::Kernel& kernel) {
    if (backend == BackendChoice::Nftables && !kernel.nft.rulesetJson())
        throw std::runtime_error("nftables is not to be had (CAP_NET_ADMIN? kernel?): " + kernel.nft.error());
    if (backend == BackendChoice::Iptables && !firewall::LegacyTable::read("nat"))
        throw std::runtime_error(
            "legacy iptables is not to be had (CAP_NET_ADMIN and CAP_NET_RAW? module iptable_nat?)");
}

}  // namespace

std::unique_ptr<FirewallBackend> openFirewall(const FirewallConfig& config) {
    auto kernel = std::make_unique<firewall::Kernel>();
    const Choice choice = choose(config.backend, *kernel);
    check(choice.backend, *kernel);
    std::unique_ptr<FirewallBackend> backend;
    if (choice.backend == BackendChoice::Iptables)
        backend = std::make_unique<firewall::IptablesBackend>(config, std::move(kernel));
    else
        backend = std::make_unique<firewall::NftablesBackend>(config, std::move(kernel));
    log::notice("firewall: {}: {}", backend->name(), choice.why);
    return backend;
}

}  // namespace igd
