// SPDX-License-Identifier: GPL-2.0-or-later
#include "pair_remarks.h"

namespace igd {

std::vector<PairRemark> remarksOnPair(const Settings& settings, bool hasStore) {
    std::vector<PairRemark> all;
    if (!settings.isOfPair) {
        if (!settings.virtualAddresses.empty())
            all.push_back({"virtual_addresses", Severity::Notice,
                           "virtual_addresses has no effect without role = pair"});
        return all;
    }
    if (!hasStore)
        all.push_back({"role", Severity::Error,
                       "role = pair: expected lease_store as well, the same on both routers"});
    if (settings.identity.uuid.empty())
        all.push_back({"role", Severity::Error,
                       "role = pair: expected uuid as well, the same on both routers (uuidgen "
                       "makes one)"});
    if (settings.upstream.by != Upstream::Off)
        all.push_back({"upstream", Severity::Error,
                       "upstream: expected off with role = pair: the gateway above would go on to "
                       "lead ports to the router that was active before"});
    return all;
}

}  // namespace igd
