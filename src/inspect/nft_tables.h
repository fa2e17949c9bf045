// SPDX-License-Identifier: GPL-2.0-or-later
// Messages of tables, chains and sets as values.
#pragma once

#include "attributes.h"

#include "upnpd/inspect/nft_decoder.h"
#include "upnpd/inspect/ruleset.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace igd::inspect {

/// A message: the family of nfgenmsg, and the attributes behind it.
struct NftMessage {
    std::uint8_t family = 0;
    Bytes attributes;
};
/// Returns nullopt when it is cut short, or of a family whose packets do not pass the router.
[[nodiscard]] std::optional<NftMessage> messageIn(Bytes octets);

struct TableFacts {
    std::string name;
    std::uint64_t handle = 0;
    bool dormant = false;
    bool owned = false;  ///< by a process that alone may change it
};
[[nodiscard]] TableFacts tableIn(const NftMessage& message);

struct ChainFacts {
    std::string table;
    std::string name;
    std::uint64_t handle = 0;
    std::optional<Base> base;
};
/// A chain of family netdev without a device is no base chain.
[[nodiscard]] ChainFacts chainIn(const NftMessage& message);

struct FoundSet {
    std::string table;
    std::string name;
    std::uint64_t handle = 0;
    std::uint32_t flags = 0;  ///< NFT_SET_...
    std::uint32_t keySize = 0;
};
[[nodiscard]] FoundSet setIn(const NftMessage& message);

/// Returns the comment in NFTA_RULE_USERDATA: fields of a type, a length and as many octets.
[[nodiscard]] std::optional<std::string> commentIn(Bytes userdata);

/// "inet", "ip", "ip6", "netdev".
[[nodiscard]] std::string_view familyName(std::uint8_t family);

/// Returns whether iptables-nft calls a base chain at that hook of that table so.
[[nodiscard]] bool isOfIptables(const NftMessage& message, const ChainFacts& chain);

}  // namespace igd::inspect
