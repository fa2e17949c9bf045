// SPDX-License-Identifier: GPL-2.0-or-later
// What this room calls its things in the kernel: by these names a later run knows what an earlier
// one left.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace igd::firewall {

/// Set on the packets of live mappings on their way through the forward hook, read by the one rule
/// that each chain that drops gets. No other bit of the mark is touched.
constexpr std::uint32_t kPacketMark = 0x00800000;

/// On the first packet of a flow that hairpins, between its translation and its masquerade.
constexpr std::uint32_t kHairpinMark = 0x00400000;

constexpr std::string_view kNftTable = "inet upnpd";
constexpr std::string_view kNftTableName = "upnpd";
/// Of IPv6 pinholes.
constexpr std::string_view kPinholeTable = "ip6 upnpd";
/// In the legacy tables: one rule a mapping; in nat translations of what comes in.
constexpr const char* kLegacyChain = "UPNPD";
constexpr const char* kLegacyOutgoing =
    "UPNPD-OUT";  ///< nat: external ports of flows that clients begin
constexpr const char* kLegacyHairpin =
    "UPNPD-LAN";  ///< nat: what LAN hosts send to the external address
constexpr const char* kLegacyMasquerade =
    "UPNPD-MASQ";  ///< nat: answers to those come back by the router
inline constexpr std::array kLegacyChains{kLegacyChain, kLegacyOutgoing, kLegacyHairpin,
                                          kLegacyMasquerade};
constexpr std::string_view kTag =
    "upnpd";  ///< comment of a rule of ours in a chain of somebody else

/// Held by the programs of legacy iptables while they work.
constexpr const char* kLegacyLock = "/run/xtables.lock";

/// What differs between the port mappings of IPv4 and the pinholes of IPv6 in the chains of others.
struct Family {
    std::string_view name;      ///< of nftables; chains of `inet` concern both
    std::string_view table;     ///< our own in nftables
    bool translates;            ///< the rule that opens a chain is for translated flows alone
    const char* iptablesNft;    ///< the program that manages the chains of iptables-nft
    std::string_view tag;       ///< comment of that rule
    std::string_view otherTag;  ///< of the other family's
};
constexpr Family kMappingFamily{"ip", kNftTable, true, "iptables-nft", "upnpd", "upnpd pinholes"};
constexpr Family kPinholeFamily{"ip6",           kPinholeTable,    false,
                                "ip6tables-nft", "upnpd pinholes", "upnpd"};

/// The names of upnpd.conf(5) that mean "the built-in chain".
constexpr std::string_view kForward = "FORWARD";
constexpr std::string_view kPrerouting = "PREROUTING";

}  // namespace igd::firewall
