// SPDX-License-Identifier: GPL-2.0-or-later
#include "opening_facts.h"

#include <algorithm>

namespace igd {

History historyOf(const Opening& opening) {
    History history;
    for (const Claim& claim : opening.claims) {
        const History& own = claim.history;
        if (own.madeAt != TimePoint{} &&
            (history.madeAt == TimePoint{} || own.madeAt < history.madeAt))
            history.madeAt = own.madeAt;
        if (!own.agent.empty() && (history.agent.empty() || own.renewedAt > history.renewedAt))
            history.agent = own.agent;
        history.renewedAt = std::max(history.renewedAt, own.renewedAt);
    }
    return history;
}

}  // namespace igd
