// SPDX-License-Identifier: GPL-2.0-or-later
// Any datagram to port 1900: no crash, and what is read keeps its bounds.
#include "ssdp/ssdp_search.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd::upnp;
    const std::string_view datagram{reinterpret_cast<const char*>(data), size};
    for (const auto kind : {SearchKind::Multicast, SearchKind::Unicast}) {
        const auto search = parseSearch(datagram, kind, igd::Ipv4Address{0xc0a83201});
        if (!search) continue;
        const bool fits = !search->target.empty() && search->target.size() <= kMaxSearchTarget &&
                          search->within <= kLongestWait && size <= kMaxSearch;
        if (!fits || search->target.data() < datagram.data()) std::abort();
    }
    return 0;
}
