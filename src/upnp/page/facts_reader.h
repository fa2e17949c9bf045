// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the engine for all that the page shows: one question for the overview, one for each 32 rows,
// one after the other. Loop thread only.
#pragma once

#include "page/page_facts.h"

#include "upnpd/portmap/gateway.h"

#include <functional>
#include <memory>

namespace igd::upnp {

class FactsReader {
public:
    /// Most rows that the page shows.
    static constexpr std::size_t kMostRows = 1024;

    using Read = std::function<void(const Result<PageFacts>&)>;

    /// `gateway` must outlive this.
    explicit FactsReader(Gateway& gateway) : gateway_(gateway) {}

    /// Calls `read` once with what `requester` may see, at once or later; never when the process
    /// ends before. Errors: NotAuthorized (there is no page), Backend.
    void read(const IpAddress& requester, TimePoint deadline, Read read);

private:
    struct Look;

    void readRows(const std::shared_ptr<Look>& look);

    Gateway& gateway_;
};

}  // namespace igd::upnp
