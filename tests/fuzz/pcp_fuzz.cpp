// SPDX-License-Identifier: GPL-2.0-or-later
// Any datagram to port 5351. The address of the header is made the sender's, so that what stands
// behind is looked at, too.
#include "responder_under_test.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd;
    pcp::Bytes datagram{data, data + size};
    const Ipv4Address four{0xc0a8320a};
    const Ipv6Address six = parseIpv6Address("2a0a:200::10").value();
    for (const IpAddress& source : {IpAddress{four}, IpAddress{six}}) {
        const auto address = source == IpAddress{four} ? mappedAddress(four) : six;
        if (size >= 24) std::ranges::copy(address.bytes(), datagram.begin() + 8);
        for (const std::size_t thirdParties : {0U, 1U})
            pcp::feed(datagram, {.thirdParties = std::vector<Ipv6Prefix>(thirdParties)}, source);
    }
    return 0;
}
