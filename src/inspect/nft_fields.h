// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of a packet that expressions of nftables load into registers: header octets, meta data,
// the flow's, and routes.
#pragma once

#include "nft_registers.h"

#include <cstdint>
#include <optional>
#include <vector>

#include <linux/netfilter/nf_tables.h>

namespace igd::inspect {

/// The headers that a rule has made sure of so far.
struct Headers {
    std::uint8_t family = 0;                ///< NFPROTO_IPV4, NFPROTO_IPV6; 0: either
    std::optional<std::uint8_t> transport;  ///< IANA's number
};

/// Returns the pieces of `size` octets at `offset` of a header (enum nft_payload_bases), counted
/// from 0. Octets that no field here has are of Field::NotKnown.
[[nodiscard]] std::vector<Piece> payloadFields(std::uint32_t base, std::uint32_t offset,
                                               std::uint32_t size, const Headers& headers);

/// A field and its octets in a register.
struct Loaded {
    FieldOctets octets;
    std::uint8_t size = 4;
};

/// `key` is of enum nft_meta_keys.
[[nodiscard]] Loaded metaField(std::uint32_t key);
/// `key` is of enum nft_ct_keys, `direction` 0 or 1 (IP_CT_DIR_REPLY).
[[nodiscard]] Loaded flowField(std::uint32_t key, std::optional<std::uint8_t> direction,
                               const Headers& headers);
/// `result` is of enum nft_fib_result, `flags` of enum nft_fib_flags.
[[nodiscard]] Loaded routeField(std::uint32_t result, std::uint32_t flags);

/// Nobody knows what it is.
[[nodiscard]] Loaded unknownField(std::uint8_t size = NFT_REG_SIZE);

}  // namespace igd::inspect
