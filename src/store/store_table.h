// SPDX-License-Identifier: GPL-2.0-or-later
// The store's openings as the engine knows them, and what is to be written there: of each opening
// the last state alone. It is pure: the time comes with each call.
#pragma once

#include "upnpd/portmap/opening.h"
#include "upnpd/store/store_messages.h"
#include "upnpd/util/time.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

namespace igd::store {

class StoreTable {
public:
    /// Most changes that wait. Of more it is only known that all is to be compared.
    static constexpr std::size_t kMostWaiting = kMaxRows;

    /// This daemon keeps or forgets an opening: it is to be written.
    void keep(const Opening& opening);
    void forget(const OpeningName& name);

    /// Moves at most `most` changes that wait into a batch; there is none on its way. `write` gets
    /// each, an opening that is to be forgotten as nullptr, and returns the digest of what it
    /// writes.
    using WriteOne = std::function<std::uint64_t(const OpeningName& name, const Opening* opening,
                                                 std::uint64_t first)>;
    std::size_t takeBatch(std::size_t most, const WriteOne& write);
    /// The batch is in the store, or is not: then it waits again.
    void written();
    void failed();
    [[nodiscard]] bool isWriting() const { return !writing_.empty(); }
    [[nodiscard]] std::size_t waiting() const { return waiting_.size() + writing_.size(); }
    /// More changes were made than are noted: the store is to be read again.
    [[nodiscard]] bool isToBeCompared() const { return compare_; }

    /// The rows of the store follow. endReading() compares them with what is here: for whoever
    /// leads, what differs is to be written; what it has never seen is taken, once.
    void beginReading();
    void endReading(bool leads);
    /// The store has `row`, or has it no more.
    void put(Row row, TimePoint now);
    void gone(const OpeningName& name);
    /// This daemon leads no more: nothing is to be written.
    void stopWriting();

    [[nodiscard]] std::vector<Opening> openings(TimePoint now) const;
    /// Returns how many are known to be in the store; while it is read, so far.
    [[nodiscard]] std::size_t size() const { return std::max(rows_.size(), reading_.size()); }

private:
    struct Entry {
        Opening opening;
        std::uint64_t first = 0;
        std::uint64_t digest = 0;  ///< of its line in the store; 0: it is not as it is here
    };
    using Rows = std::map<OpeningName, Entry>;
    void note(const OpeningName& name);
    void compareWith(const Rows& there);

    Rows rows_;
    Rows reading_;
    bool isReading_ = false;
    bool wasRead_ = false;
    std::set<OpeningName> waiting_;
    std::map<OpeningName, std::uint64_t> writing_;  ///< with the digests
    std::uint64_t lastFirst_ = 0;
    bool compare_ = false;
};

}  // namespace igd::store
