// SPDX-License-Identifier: GPL-2.0-or-later
// The rules of nftables that matter to packets on their way through the router, out of the kernel.
// A host may have tens of thousands of them, so reading goes on in stretches between which the
// caller can do other work. Sets of others cost nothing.
#pragma once

#include "nft/nft_events.h"
#include "reading/nft_dump.h"

#include "upnpd/inspect/nft_decoder.h"
#include "upnpd/inspect/ruleset.h"

#include <tl/expected.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace igd::firewall {

/// All but the rules themselves.
struct NftReading {
    inspect::NftPlaces places;  ///< where a change matters, for NftEvents
    /// Handles of all that our tables are made of, elements left out, sorted, by "inet upnpd".
    std::map<std::string, std::vector<std::uint64_t>> ownHandles;
};

class NftReader {
public:
    /// Adds the rules to `rules`, which must outlive this.
    NftReader(inspect::Ruleset& rules, inspect::NftNames own,
              inspect::NftScope scope = inspect::NftScope::All);

    /// Reads on until all is read, or for about `budget`. Returns whether all is read. After an
    /// error what was read is worth nothing. Interrupted: rules that were read changed meanwhile;
    /// that elements of sets did is none.
    [[nodiscard]] tl::expected<bool, ReadError> readFor(std::chrono::microseconds budget);

    /// Returns what was read, when all is.
    [[nodiscard]] NftReading result() const;

private:
    [[nodiscard]] tl::expected<bool, ReadError> step();
    [[nodiscard]] bool wasChanged();

    NftDump dump_;
    inspect::NftDecoder decoder_;
    std::optional<NftEvents> witness_;  ///< hears of changes from the first question on
    bool asked_ = false;                ///< an answer is on its way
};

/// Reads all at once.
[[nodiscard]] tl::expected<NftReading, ReadError> readNft(inspect::Ruleset& rules,
                                                          inspect::NftNames own);

}  // namespace igd::firewall
