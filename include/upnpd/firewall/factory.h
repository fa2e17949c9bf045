// SPDX-License-Identifier: GPL-2.0-or-later
// Chooses and opens the firewall back end.
#pragma once

#include "upnpd/net/interface_name.h"
#include "upnpd/portmap/firewall.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

enum class BackendChoice { Auto, Nftables, Iptables };
enum class InsertForwardRules { Auto, Yes, No };

/// The bits of a packet's mark that are ours unless the administrator names others.
constexpr std::uint32_t kDefaultMarkBits = 0x00800000;

struct FirewallConfig {
    BackendChoice backend = BackendChoice::Auto;
    InterfaceName external;
    InterfaceName external6 = external;  ///< for pinholes
    std::vector<InterfaceName> internal;
    /// Auto: where a forward chain would drop. Yes: always. No: never.
    InsertForwardRules insertForwardRules = InsertForwardRules::Auto;
    bool hairpin = true;  ///< hosts on `internal` reach mapped ports at the external address
    bool forwardRulesAppend = false;       ///< at the end of the forward chain, not at its start
    std::string forwardChain = "FORWARD";  ///< filter table
    std::string preroutingChain = "PREROUTING";  ///< nat table
    std::string forwardChain6 = "FORWARD";       ///< filter table of IPv6
    /// All set on the packets of openings, and on no others, from our forward chain to our
    /// postrouting chain. Never 0.
    std::uint32_t markBits = kDefaultMarkBits;
    bool pinholes = true;               ///< serve rules of IPv6, where the kernel has it
    std::vector<UplinkSide> uplinks{};  ///< Sides::uplinks
    std::vector<OpenNat> openNat{};
};

/// Returns the external interfaces of pinholes where several are in use at once: those of mappings,
/// if the one for pinholes is among them.
[[nodiscard]] std::vector<UplinkSide> pinholeUplinks(const FirewallConfig& config);

/// Says that open NAT cannot be had with iptables, and what to do.
constexpr std::string_view kOpenNatNeedsNftables =
    "open_nat needs nftables, which learns ports from the packets themselves: leave open_nat out, "
    "or take firewall_backend = nftables";

/// Opens the back end for mappings, pinholes and flows. Auto takes nftables, beside rules of legacy
/// iptables too, or iptables when the kernel cannot hold the maps, and the log says why. With
/// iptables, pinholes stand in the legacy tables of IPv6 where the kernel has them, else in
/// nftables. Where there can be no pinholes the log says so, and rules of IPv6 are refused. Changes
/// nothing in the kernel yet. Needs CAP_NET_ADMIN (and CAP_NET_RAW for iptables); keeps what it
/// opened, so privileges may be dropped afterwards. Throws std::runtime_error with a sentence for
/// the administrator when the back end cannot be had.
[[nodiscard]] std::unique_ptr<FirewallBackend> openFirewall(const FirewallConfig& config);

/// Takes out of the kernel whatever a daemon that was killed left there, of either back end;
/// nothing there is a success. Errors: Backend, with the reason in the log.
[[nodiscard]] Result<void> cleanUpFirewall();

}  // namespace igd
