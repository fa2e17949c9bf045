// SPDX-License-Identifier: GPL-2.0-or-later
// Where the rules of others must be opened for packets of mappings and pinholes, and which packets
// no opening helps. A rule of ours goes right before the rule that would stop an ordinary packet,
// so that everything above it (block lists, rates, clamps) still sees the packet:
//
//     ct state invalid drop            stays above
//     ip saddr @blocklist drop         stays above
//     ct state established accept
//     <our accept, for new packets>
//     iifname "wan0" drop              would stop a new packet
//
// Pure.
#pragma once

#include "upnpd/inspect/judge.h"

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd::inspect {

/// The way of mapped packets: from the Internet to hosts of the LANs, and back.
struct Path {
    bool ipv6 = false;
    InterfaceName external;
    std::uint32_t externalIndex = 0;
    IpAddress externalAddress;
    std::vector<Lan> lans;
};

/// A rule of ours, which goes before the rule that stops the packets (`position`), and lets pass no
/// others.
struct Opening {
    ChainId chain = kNoChain;
    std::uint32_t position = 0;          ///< that many rules of others stand above it
    bool fresh = true;                   ///< for first packets of a flow
    bool established = false;            ///< for the others
    std::optional<Protocol> protocol{};  ///< nullopt: TCP and UDP
    std::optional<std::string> in{};     ///< interface; nullopt: any
    std::optional<std::string> out{};
    auto operator<=>(const Opening&) const = default;

    /// Returns the comment of the rule: `tag`, or with its conditions: "upnpd: new tcp out lan1".
    [[nodiscard]] std::string comment(std::string_view tag) const;
};

enum class Insert : std::uint8_t { Auto, Always, Never };
struct Wishes {
    Insert insert = Insert::Auto;
    std::string chain{};  ///< the one chain that gets the rule, by its name; empty: wherever needed
    bool append = false;  ///< at the end of the chain in any case
};

struct Plan {
    std::vector<Opening> openings;  ///< sorted
    /// Rules of other hooks, or in tables that are somebody's alone, that stop all packets to some
    /// LAN.
    std::vector<Place> closed;
    /// Our chain that marks packets comes before this priority of the forward hook.
    int markPriority = -5;
};
/// Returns the openings that the forward chains need for TCP and UDP between the Internet and each
/// LAN; what cannot be opened is in `closed`.
[[nodiscard]] Plan planOpenings(const Ruleset& rules, const Path& path, const Wishes& wishes);
/// Returns what all of `paths` need together.
[[nodiscard]] Plan planOpenings(const Ruleset& rules, std::span<const Path> paths,
                                const Wishes& wishes);

/// A rule of ours that stands in a chain of somebody else.
struct Standing {
    ChainId chain = kNoChain;
    std::uint32_t position = 0;
    std::string comment;
    std::uint64_t handle = 0;
    std::uint32_t number = 0;    ///< 1: the first of its chain
    std::uint32_t markBits = 0;  ///< that it asks of a packet; 0: none
};
/// Returns those whose comments are `tag`, or begin with it and a colon.
[[nodiscard]] std::vector<Standing> standingOpenings(const Ruleset& rules, std::string_view tag);

}  // namespace igd::inspect
