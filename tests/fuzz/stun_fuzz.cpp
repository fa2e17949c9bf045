// SPDX-License-Identifier: GPL-2.0-or-later
// The input is an answer of a STUN server, or of whoever sends in its name. The transaction is made
// the right one, so that what stands behind the header is looked at, too.
#include "upnpd/external/stun_message.h"

#include <algorithm>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd::stun;
    constexpr std::size_t kIdAt = 8;
    constexpr TransactionId kId{0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
                                0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
    std::vector<std::uint8_t> datagram{data, data + size};
    const auto asItIs = decodeResponse(datagram, kId);
    if (datagram.size() >= kIdAt + kId.size())
        std::copy(kId.begin(), kId.end(), datagram.begin() + kIdAt);
    const auto ours = decodeResponse(datagram, kId);
    if (asItIs && !ours) std::abort();
    if (!ours && ours.error().text.empty()) std::abort();
    return 0;
}
