// SPDX-License-Identifier: GPL-2.0-or-later
// People are told more of an opening than the ledger knows.
#pragma once

#include "upnpd/portmap/opening.h"

#include <functional>
#include <optional>
#include <string>

namespace igd {

struct OpeningFacts {
    std::string hostName{};            ///< of its client; empty: it is not known
    std::optional<MacAddress> mac{};   ///< of its client
    std::optional<Traffic> traffic{};  ///< nullopt: it is not counted
    /// The rule of the host that stops packets to it in spite of ours; nullopt: it is reached, as
    /// far as the rules say.
    std::optional<std::string> stoppedBy{};
};

/// Finds the facts of an opening.
using FactsOf = std::function<OpeningFacts(const Opening&)>;

/// When it was made, when it was asked for last, and what its client calls itself: of all claims.
/// TimePoint{}: it is not known.
[[nodiscard]] History historyOf(const Opening& opening);

}  // namespace igd
