// SPDX-License-Identifier: GPL-2.0-or-later
// A stranger's SOAP request, its SOAPACTION in the first line: what is accepted means the same when
// written for libupnp.
#include "upnpd/igd/soap.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const auto end = input.find('\n');
    if (end == std::string_view::npos) return 0;
    const auto action = input.substr(0, end);
    const auto call = igd::parseSoapRequest(action, input.substr(end + 1));
    if (!call) return 0;
    const auto again = igd::parseSoapRequest(action, igd::canonicalRequest(*call));
    if (!again || *again != *call) std::abort();
    return 0;
}
