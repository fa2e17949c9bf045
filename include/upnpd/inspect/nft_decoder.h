// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's rules as the model: messages of nftables (linux/netfilter/nf_tables.h), of which
// only those are asked for that matter to a packet on its way through the router. Tables and chains
// come first, then the rules of base chains and of what they jump to, then the elements of the sets
// without a name that these rules use. Sets of others that have names are not read, but for maps
// and sets of interfaces and the like, on which layouts are built, and for short maps that lead
// ports elsewhere:
//
//     iifname vmap @zones
//     dnat to tcp dport map @forwards
//
// Pure: the caller asks the kernel and hands the answers over.
#pragma once

#include "upnpd/inspect/ruleset.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace igd::inspect {

/// A dump, but for Set, which is one message. `family` is NFPROTO_*, 0 for any.
struct NftQuestion {
    enum class Kind : std::uint8_t { Tables, Chains, Rules, Sets, Set, Elements };
    Kind kind{};
    std::uint8_t family = 0;
    std::string table{};
    std::string name{};  ///< of the chain or set
    auto operator<=>(const NftQuestion&) const = default;
};

/// The names by which our own things are known: a table, and the comment of rules in chains of
/// others, which may go on behind a colon.
struct NftNames {
    std::string table = "upnpd";
    std::string tag = "upnpd";
};

/// The chains that are read: those of packets to the router itself are often many.
enum class NftScope : std::uint8_t { All, Forwarding };

/// A chain or set whose changes matter. `family` is NFPROTO_*.
struct NftPlace {
    std::uint8_t family = 0;
    std::string table;
    std::string name;
    auto operator<=>(const NftPlace&) const = default;
};

/// All that was read.
struct NftPlaces {
    std::vector<NftPlace> chains;  ///< sorted
    std::vector<NftPlace> sets;    ///< with names, sorted
};

class NftDecoder {
public:
    /// Puts what it reads into `rules`.
    NftDecoder(Ruleset& rules, NftNames own, NftScope scope = NftScope::All);
    ~NftDecoder();

    /// Returns what to ask next, when the answer to the last question has come; nullopt: no more.
    [[nodiscard]] std::optional<NftQuestion> next();

    /// Takes one message of an answer: `type` is the lower octet of nlmsg_type (NFT_MSG_NEW...),
    /// `message` what follows the netlink header. What is cut short is left out.
    void take(std::uint8_t type, std::span<const std::byte> message);

    [[nodiscard]] NftPlaces places() const;

    /// Returns the handles of all that our tables are made of, elements left out, sorted, by
    /// "inet upnpd". The kernel gives each handle once, so what was replaced is told from what was
    /// left alone.
    [[nodiscard]] std::map<std::string, std::vector<std::uint64_t>> ownHandles() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace igd::inspect
