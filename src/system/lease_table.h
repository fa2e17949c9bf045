// SPDX-License-Identifier: GPL-2.0-or-later
// The openings of a lease file while its lines are read.
#pragma once

#include "upnpd/portmap/opening.h"

#include <map>
#include <vector>

namespace igd::lease {

class LeaseTable {
public:
    /// Puts `opening` in the place of the one with its name, or adds it; one without claims is
    /// taken away. Returns false, and changes nothing, when its pinhole id is another opening's.
    bool put(const Opening& opening);
    void erase(const OpeningName& name);

    /// Returns the opening, or nullptr. Valid until the next change.
    [[nodiscard]] const Opening* find(const OpeningName& name) const;
    [[nodiscard]] const Opening* find(PinholeId id) const;

    /// Returns what still runs, in the order in which it was first added.
    [[nodiscard]] std::vector<Opening> runningAt(TimePoint now) const;

private:
    std::vector<Opening> openings_;  ///< as added; one that was erased has no claims
    std::map<OpeningName, std::size_t> places_;
    std::map<PinholeId, OpeningName> byId_;
};

}  // namespace igd::lease
