// SPDX-License-Identifier: GPL-2.0-or-later
// Chooses and opens the firewall back end.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/firewall.h"
#include "upnpd/portmap/peers.h"
#include "upnpd/portmap/pinhole.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

enum class BackendChoice { Auto, Nftables, Iptables };
enum class InsertForwardRules { Auto, Yes, No };

struct FirewallConfig {
    BackendChoice backend = BackendChoice::Auto;
    InterfaceName external;
    std::vector<InterfaceName> internal;
    /// Auto: where a forward chain would drop. Yes: always. No: never.
    InsertForwardRules insertForwardRules = InsertForwardRules::Auto;
    bool hairpin = true;  ///< hosts on `internal` reach mapped ports at the external address
    bool forwardRulesAppend = false;       ///< at the end of the forward chain, not at its start
    std::string forwardChain = "FORWARD";  ///< filter table
    std::string preroutingChain = "PREROUTING";  ///< nat table
    std::string forwardChain6 = "FORWARD";       ///< filter table of IPv6
};

/// Opens the back end: Auto takes iptables when rules of legacy iptables are in use or the kernel
/// cannot hold the maps of the nftables back end, else nftables, and the log says why. Changes
/// nothing in the kernel yet. Needs CAP_NET_ADMIN (and CAP_NET_RAW for iptables); keeps what it
/// opened, so privileges may be dropped afterwards. Throws std::runtime_error with a sentence for
/// the administrator when the back end is not to be had.
[[nodiscard]] std::unique_ptr<FirewallBackend> openFirewall(const FirewallConfig& config);

/// Opens the back end for pinholes that goes with the one for mappings, by its name(): legacy
/// tables of IPv6 where that is "iptables" and the kernel has them, else nftables. As
/// openFirewall().
[[nodiscard]] std::unique_ptr<PinholeFirewall> openPinholeFirewall(const FirewallConfig& config,
                                                                   std::string_view backend);

/// The kernel's list of flows. Needs CAP_NET_ADMIN when it is used.
[[nodiscard]] std::unique_ptr<FlowTable> openFlowTable();

/// Takes out of the kernel whatever a daemon that was killed left there, of either back end;
/// nothing there is a success. Errors: Backend, with the reason in the log.
[[nodiscard]] Result<void> cleanUpFirewall();

}  // namespace igd
