// SPDX-License-Identifier: GPL-2.0-or-later
// The sets that rules look into: which of them are read, and their elements in the steps that need
// them.
#pragma once

#include "nft_lookup.h"
#include "nft_tables.h"

#include "upnpd/inspect/nft_decoder.h"
#include "upnpd/inspect/ruleset.h"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace igd::inspect {

/// A lookup of a rule, and where that rule's steps begin.
struct PendingLookup {
    ChainId chain = kNoChain;
    std::size_t firstStep = 0;
    Lookup lookup;
};

class NftSets {
public:
    /// Takes note of a lookup in the set at `place`, if that may be read.
    void want(const NftPlace& place, PendingLookup pending);

    /// Returns the next set to ask about; nullopt: no more may be read.
    [[nodiscard]] std::optional<NftPlace> next();

    /// Takes the kernel's word about the set at `place`.
    void take(const NftPlace& place, const FoundSet& set);
    /// Returns whether the elements of that set are to be read.
    [[nodiscard]] bool wantsElements(const NftPlace& place);

    void takeElements(Bytes elements) { elements_.take(elements); }
    /// Puts the elements that have come into the steps that need them.
    void fill(const NftPlace& place, Ruleset& rules, const ElementList::ChainOf& chainOf);

    /// Returns the sets with names whose elements were read.
    [[nodiscard]] std::vector<NftPlace> named() const;

private:
    struct Wanted {
        std::vector<PendingLookup> lookups;
        FoundSet facts;
        bool found = false, read = false;
    };
    void fill(Step& step, const Lookup& lookup, const LookupUse& use,
              const std::shared_ptr<const Set>& keys, const ElementList::ChainOf& chainOf) const;

    std::map<NftPlace, Wanted> sets_;
    std::map<std::pair<std::uint8_t, std::string>, std::size_t> sizes_;  ///< of tables, in sets
    /// Sets to be asked about; the narrow ones are of rules that matter to few packets.
    std::deque<NftPlace> wide_, narrow_;
    std::size_t visits_ = 0;
    ElementList elements_;
};

}  // namespace igd::inspect
