// SPDX-License-Identifier: GPL-2.0-or-later
// The openings that a router which stands by would have as the active one: those in the store or,
// before the store was read, those that its own file, or its own time as the active one, has left.
#pragma once

#include "upnpd/store/lease_store.h"
#include "upnpd/system/lease_file.h"

#include <optional>
#include <utility>
#include <vector>

namespace igd {

class FollowedLeases {
public:
    /// `store` must outlive this.
    explicit FollowedLeases(const LeaseStore& store) : store_(store) {}

    /// Takes what this router had itself.
    void own(std::vector<Opening> openings) { own_ = std::move(openings); }
    /// The store has been read: all() is what it says from now on.
    void read() { hasRead_ = true; }
    [[nodiscard]] bool hasRead() const { return hasRead_; }
    /// Returns all, without the claims that have ended.
    [[nodiscard]] std::vector<Opening> all(TimePoint now) const;
    /// Returns those of this router's own that the store lacks, or has as they were before: it led
    /// last, since `ledSince`, and ended before it had written them. nullopt: another led last.
    [[nodiscard]] std::vector<Opening> unwritten(std::optional<WallTime> ledSince,
                                                 const Now& now) const;

    /// Returns whether they are other ones than when this was asked last: a file has to be written
    /// anew.
    [[nodiscard]] bool haveChanged(TimePoint now);

private:
    [[nodiscard]] std::vector<Opening> ownHeld(TimePoint now) const;

    const LeaseStore& store_;
    std::vector<Opening> own_;
    std::vector<Opening> written_;
    bool hasRead_ = false;
};

}  // namespace igd
