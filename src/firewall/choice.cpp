// SPDX-License-Identifier: GPL-2.0-or-later
#include "choice.h"

#include "upnpd/util/text.h"

#include <fmt/format.h>

namespace igd::firewall {
namespace {

using Chosen = tl::expected<Choice, std::string>;

Chosen iptables(const HostFirewall& host, std::string why) {
    if (host.leftOut == BuildPart::Iptables)
        return tl::unexpected(
            fmt::format("{}; wanted: {}", builtWithout(BuildPart::Iptables), why));
    if (host.legacyIptables) return Choice{BackendChoice::Iptables, std::move(why)};
    return tl::unexpected(
        fmt::format("legacy iptables is not to be had (CAP_NET_ADMIN and CAP_NET_RAW? module "
                    "iptable_nat?); wanted: {}",
                    why));
}

Chosen nftables(const HostFirewall& host, std::string why) {
    if (host.leftOut == BuildPart::Nftables)
        return tl::unexpected(builtWithout(BuildPart::Nftables));
    if (!host.nftablesRefusal) return Choice{BackendChoice::Nftables, std::move(why)};
    return tl::unexpected(
        fmt::format("nftables is not to be had (CAP_NET_ADMIN? Linux 5.6 or newer?): {}",
                    igd::quoted(*host.nftablesRefusal, 200)));
}

}  // namespace

Chosen choose(BackendChoice wish, const HostFirewall& host) {
    switch (wish) {
        case BackendChoice::Nftables:
            return nftables(host, "as configured");
        case BackendChoice::Iptables:
            return iptables(host, "as configured");
        case BackendChoice::Auto:
            break;
    }
    if (host.leftOut == BuildPart::Nftables)
        return iptables(host, builtWithout(BuildPart::Nftables));
    if (host.leftOut == BuildPart::Iptables && !host.nftablesRefusal)
        return nftables(host, builtWithout(BuildPart::Iptables));
    if (!host.nftablesRefusal)
        return nftables(host, host.usedLegacyTable
                                  ? fmt::format("the rules in legacy iptables table {} stay",
                                                *host.usedLegacyTable)
                                  : "no legacy iptables rules are in use");
    return iptables(
        host, fmt::format("the kernel would not take a map of port mappings from nftables: {}",
                          igd::quoted(*host.nftablesRefusal, 200)));
}

}  // namespace igd::firewall
