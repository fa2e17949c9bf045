// SPDX-License-Identifier: GPL-2.0-or-later
// The input is a packet of a stranger as `upnpctl check --live` sees it.
#include "packet_watch.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto packet = igd::ctl::readPacket({data, size});
    constexpr std::size_t kLeast = 24;  // a header, and two ports
    if (packet && size < kLeast) std::abort();
    if (packet && packet->resets && packet->protocol != igd::Protocol::Tcp) std::abort();
    return 0;
}
