// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_remarks.h"

namespace igd {
namespace {

/// Both routers are one device, and each has to find what the other one has granted.
void addOfPair(const Settings& settings, std::vector<StoreRemark>& all) {
    if (!settings.leaseStore)
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
}

}  // namespace

std::vector<StoreRemark> remarksOnStore(const Settings& settings) {
    std::vector<StoreRemark> all;
    if (settings.leaseStore && settings.leaseStore->tls)
        all.push_back(
            {"lease_store", Severity::Error,
             "lease_store: upnpd speaks no TLS: let stunnel or a VPN lead to the server"});
    if (settings.leaseStoreLogin && !settings.leaseStore)
        all.push_back({"lease_store_login", Severity::Notice,
                       "lease_store_login has no effect without lease_store"});
    if (settings.isOfPair)
        addOfPair(settings, all);
    else if (!settings.virtualAddresses.empty())
        all.push_back({"virtual_addresses", Severity::Notice,
                       "virtual_addresses has no effect without role = pair"});
    return all;
}

}  // namespace igd
