// SPDX-License-Identifier: GPL-2.0-or-later
// The leases of one daemon in a store, beside its lease file: what an earlier run has left there,
// and what this one writes. A store that is late is looked at when it is there.
#pragma once

#include "upnpd/store/open_store.h"
#include "upnpd/system/lease_file.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace igd {

/// A store as it stands at a start.
struct LeftInStore {
    std::vector<Opening> openings{};
    bool isRead = false;  ///< false: it did not answer in time
    Lead lead{};
};
/// Reads the store whole, and takes its lead. Waits for a second at most, and while there is more
/// to read for ten.
[[nodiscard]] LeftInStore leftInStore(StorePlace place);

[[nodiscard]] std::set<OpeningName> namesOf(const std::vector<Opening>& openings);
/// Returns the openings of two places, as a lease file and a store, each once: the one that was
/// asked for last. `closedBy` is when the first place was last written; what it lacks was closed by
/// then, unless it was asked for later. nullopt: there was no first place.
[[nodiscard]] std::vector<Opening> joined(std::vector<Opening> first, std::vector<Opening> second,
                                          std::optional<WallTime> closedBy, const Now& now);

class KeptLeases {
public:
    struct Parts {
        std::function<std::vector<Opening>()> all;  ///< in the ledger
        /// Restores what is permitted of these, and has it kept.
        std::function<void(const std::vector<Opening>&)> restore;
    };
    /// `look` is leftInStore(), for the same store.
    KeptLeases(std::unique_ptr<LeaseStore> store, std::function<LeftInStore()> look, Parts parts);

    /// Returns what is to be restored at the start, given what the lease file has.
    [[nodiscard]] std::vector<Opening> load(std::vector<Opening> inFile,
                                            std::optional<WallTime> fileWritten);
    /// Returns since when nothing was lost, if the store says so and clients were told `external`;
    /// nullopt: that is not known.
    [[nodiscard]] std::optional<TimePoint> epochStart(const std::string& external) const;

    /// Writes all openings into the store from now on.
    void begin();
    /// Keeps for the next run since when nothing was lost, the BOOTID that was announced, and what
    /// clients are told.
    void tell(TimePoint epochStart, std::uint32_t bootId, const std::string& external);
    void childEnded() { store_->childEnded(); }
    void stop(std::function<void()> done) { store_->stop(std::move(done)); }

    [[nodiscard]] LeaseStore& store() { return *store_; }
    [[nodiscard]] LeaseStoreView view() const { return store_->view(); }

private:
    void wasRead();

    std::unique_ptr<LeaseStore> store_;
    std::function<LeftInStore()> look_;
    Parts parts_;
    LeftInStore left_;
    std::optional<WallTime> fileWritten_;
    bool isJoined_ = false;  ///< what the store had is in the ledger, or was refused
};

}  // namespace igd
