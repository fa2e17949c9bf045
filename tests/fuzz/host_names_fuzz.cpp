// SPDX-License-Identifier: GPL-2.0-or-later
// The input is a lease file, whose names hosts have chosen, and the answer of a reader of such
// files that was taken over.
#include "upnpd/names/lease_hosts.h"
#include "upnpd/portmap/opening_row.h"

#include <cstdlib>

namespace {

void check(const std::vector<igd::NamedHost>& hosts) {
    if (hosts.size() > igd::kMaxNamedHosts) std::abort();
    for (const igd::NamedHost& host : hosts)
        if (host.name.size() > igd::kMaxHostName || igd::cleanHostName(host.name) != host.name)
            std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd;
    const auto hosts = hostsIn({reinterpret_cast<const char*>(data), size});
    check(hosts);
    check(namedHostsIn({data, size}));
    std::string lines;
    for (const NamedHost& host : hosts) lines += lineOf(host);
    const auto* const octets = reinterpret_cast<const std::uint8_t*>(lines.data());
    if (namedHostsIn({octets, lines.size()}) != hosts) std::abort();
    return 0;
}
