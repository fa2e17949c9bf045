// SPDX-License-Identifier: GPL-2.0-or-later
// Rules as elements of the maps and sets of our nftables tables: pure values. A change of them goes
// to the kernel as messages (nft_batch.h); the first of them are laid with their table, as text.
#pragma once

#include "names.h"

#include "upnpd/portmap/firewall.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace igd::firewall {

/// A set, or a map, which is a set whose elements have values.
struct NftSet {
    std::string_view table;  ///< family and name: "inet upnpd"
    std::string_view name;
    bool intervals = false;  ///< an element has the first and the last of its keys
    bool ranges = false;     ///< and of its values
    bool operator==(const NftSet&) const = default;
};

/// The addresses at which hosts of the LANs reach mapped ports.
inline constexpr NftSet kExternalSet{kNftTable, "external4"};

/// One part of a key or value. A single address is a prefix of full length.
using NftField = std::variant<Ipv4Prefix, Ipv6Prefix, Protocol, Port, PortRange>;

struct NftElement {
    NftSet set;
    std::vector<NftField> key;
    std::vector<NftField> value{};     ///< of a map
    std::optional<Seconds> timeout{};  ///< 1 s at the least; nullopt: no end
    std::optional<Seconds> expires{};  ///< a present one ends then; nullopt: it keeps its end
    std::string comment{};             ///< as nftComment() leaves it
    bool operator==(const NftElement&) const = default;
};

struct ElementChange {
    const RuleDelta& rules;
    /// The kernel takes a new end for an element that is there (Linux 6.12): a renewal keeps its
    /// counter.
    bool renewsInPlace = false;
};

/// The elements that go, which have neither timeout nor comment, and then those that come.
struct ElementSteps {
    std::vector<NftElement> remove;
    std::vector<NftElement> add;
};
[[nodiscard]] ElementSteps stepsOf(const ElementChange& change);

/// Returns an element for each end of TCP at a client to which no opening leads any more after
/// `delta`, as far as `delta` tells: connections from there are not taken up again for an hour.
[[nodiscard]] std::vector<NftElement> endedBy(const RuleDelta& delta);

/// Returns a script that fills empty maps and sets, one command for each of them.
[[nodiscard]] std::string fillScript(std::span<const Rule> rules);

/// Returns the elements of a pinhole; each has a counter.
[[nodiscard]] std::vector<NftElement> pinholeElements(const Rule& rule);

/// Returns the elements whose counters see each packet of the rule's flows, both ways.
[[nodiscard]] std::vector<NftElement> countedElements(const Rule& rule);

/// Returns what is left of a client's description once nothing in it can end a quoted nft string:
/// valid UTF-8 without control characters, double quotes and backslashes, at most 128 bytes (nft's
/// own limit).
[[nodiscard]] std::string nftComment(std::string_view description);

}  // namespace igd::firewall
