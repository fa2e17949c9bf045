// SPDX-License-Identifier: GPL-2.0-or-later
// The names of this room's things in the kernel. A later run knows by them what an earlier one
// left.
#pragma once

#include <cstdint>
#include <string_view>

namespace igd::firewall {

/// On the first packet of a flow that hairpins, between its translation and its masquerade; with
/// legacy iptables only where the kernel has no labels.
constexpr std::uint32_t kHairpinMark = 0x00400000;

/// Labels of flows (connlabel) for legacy iptables: no mark has to carry them, so none that an
/// administrator saves, restores or compares. A label is set once and stays: a flow is ours when it
/// has met our translations and did not leave them untranslated.
constexpr std::uint16_t kEnteredLabel = 125;       ///< it has met our translations
constexpr std::uint16_t kUntranslatedLabel = 126;  ///< none of them was for it
constexpr std::uint16_t kHairpinLabel = 127;       ///< it has come from a LAN

constexpr std::string_view kNftTable = "inet upnpd";
constexpr std::string_view kNftTableName = "upnpd";
constexpr std::string_view kPinholeTable = "ip6 upnpd";  ///< for IPv6 pinholes
/// In the legacy tables; in nat it holds the translations of what comes in.
constexpr const char* kLegacyChain = "UPNPD";
constexpr const char* kLegacyOutgoing = "UPNPD-OUT";    ///< mangle: takes our bit off the mark
constexpr const char* kLegacyAnswers = "UPNPD-ANSWER";  ///< mangle: by which line answers leave
constexpr const char* kLegacyHairpin =
    "UPNPD-LAN";  ///< nat: what LAN hosts send to the external address
constexpr const char* kLegacyMasquerade =
    "UPNPD-MASQ";  ///< nat: answers to those come back by the router
/// Ours begin with "UPNPD", and "-" before what follows: the rules for some ports stand in chains
/// as "UPNPD-TCP-1024".
constexpr bool isOurLegacyChain(std::string_view chain) {
    constexpr std::string_view kFirst = kLegacyChain;
    return chain.starts_with(kFirst) &&
           (chain.size() == kFirst.size() || chain[kFirst.size()] == '-');
}
constexpr std::string_view kTag =
    "upnpd";  ///< comment of a rule of ours in a chain of somebody else

/// Held by the programs of legacy iptables while they work.
constexpr const char* kLegacyLock = "/run/xtables.lock";

/// The differences between port mappings of IPv4 and pinholes of IPv6 in the chains of others.
struct Family {
    std::string_view name;       ///< of nftables; chains of `inet` concern both
    std::string_view table;      ///< our own in nftables
    bool translates;             ///< the rule that opens a chain is for translated flows alone
    std::string_view tag;        ///< comment of that rule
    std::string_view openings;   ///< in log lines
    std::string_view iptables;   ///< in log lines: the legacy program
    std::string_view chainKeys;  ///< in log lines: the options that name chains
};
inline constexpr Family kMappingFamily{.name = "ip",
                                       .table = kNftTable,
                                       .translates = true,
                                       .tag = "upnpd",
                                       .openings = "mapped ports",
                                       .iptables = "iptables",
                                       .chainKeys = "prerouting_chain_name and forward_chain_name"};
inline constexpr Family kPinholeFamily{.name = "ip6",
                                       .table = kPinholeTable,
                                       .translates = false,
                                       .tag = "upnpd pinholes",
                                       .openings = "pinholes",
                                       .iptables = "ip6tables",
                                       .chainKeys = "ipv6forward_chain_name"};

/// The names of upnpd.conf(5) that mean "the built-in chain".
constexpr std::string_view kForward = "FORWARD";
constexpr std::string_view kPrerouting = "PREROUTING";

}  // namespace igd::firewall
