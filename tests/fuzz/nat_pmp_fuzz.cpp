// SPDX-License-Identifier: GPL-2.0-or-later
// Any datagram to port 5351 of a server of NAT-PMP alone.
#include "responder_under_test.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd;
    pcp::feed({data, size}, {.natPmp = true, .pcp = false}, Ipv4Address{0xc0a8320a});
    return 0;
}
