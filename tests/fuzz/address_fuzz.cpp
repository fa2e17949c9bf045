// SPDX-License-Identifier: GPL-2.0-or-later
// An address as a stranger names it: what is read is written in one way, and read again as the
// same.
#include "upnpd/net/ip_endpoint.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto named = igd::parseNamedIpv6Address(text))
        if (igd::parseNamedIpv6Address(toString(*named)) != named) std::abort();
    constexpr igd::Port kPort{80};
    if (const auto endpoint = igd::parseAuthority(text, kPort))
        if (igd::parseAuthority(toString(*endpoint), kPort) != endpoint) std::abort();
    return 0;
}
