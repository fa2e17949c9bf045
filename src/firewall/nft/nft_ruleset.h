// SPDX-License-Identifier: GPL-2.0-or-later
// The room's view of the chains of others, out of nft's JSON (libnftables-json(5)).
#pragma once

#include "names.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd::firewall {

enum class Verdict : std::uint8_t {
    Other,   ///< goes on, or accepts
    Drops,   ///< drop, reject, or an iptables target that nft cannot name
    Leaves,  ///< jump or goto: what is there is not looked at
};

struct NftRule {
    std::uint64_t handle = 0;
    Verdict verdict = Verdict::Other;
    bool general = false;         ///< matches on nothing but interfaces and connection state
    bool acceptsDnat = false;     ///< lets every translated flow pass
    bool opening = false;         ///< a rule that we put there, in nft's form
    bool xtOpening = false;       ///< may be one of ours in the form of iptables-nft
    bool xtCertain = false;       ///< nobody else would write it so
    bool openingOfOther = false;  ///< we put it there for the other family
};

struct NftChain {
    std::string family;
    std::string table;
    std::string name;
    std::optional<int> forwardPriority;  ///< of a base chain on the forward hook
    bool policyDrop = false;
    std::vector<NftRule> rules;
};

/// "inet filter forward"
[[nodiscard]] std::string toString(const NftChain& chain);

/// The chains of `family` and of inet, our own tables' left out. nullopt when `json` is not what
/// nft writes.
[[nodiscard]] std::optional<std::vector<NftChain>> parseRuleset(
    std::string_view json, const Family& family = kMappingFamily);

/// The handles of all that our own table is made of, elements left out, sorted; empty when there is
/// no such table. The kernel gives each handle once, so what was replaced is told from what was
/// left alone. nullopt when `json` is not what nft writes.
[[nodiscard]] std::optional<std::vector<std::uint64_t>> ownHandles(
    std::string_view json, std::string_view table = kNftTable);

/// A new flow from outside may end in `chain`: its policy is drop, or its last rule drops or leads
/// elsewhere; unless, for mappings, a rule in it accepts every translated flow.
[[nodiscard]] bool mayDrop(const NftChain& chain, const Family& family = kMappingFamily);

/// iptables-nft manages `chain`: it can no longer list a table that holds a rule in nft's own form.
[[nodiscard]] bool belongsToIptables(const NftChain& chain);

}  // namespace igd::firewall
