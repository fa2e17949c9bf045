// SPDX-License-Identifier: GPL-2.0-or-later
// A stranger's SOAP request, its SOAPACTION in the first line: an answer with the values of what is
// accepted is well-formed, and says the same.
#include "upnpd/igd/soap.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const auto end = input.find('\n');
    if (end == std::string_view::npos) return 0;
    const auto call = igd::parseSoapRequest(input.substr(0, end), input.substr(end + 1));
    constexpr std::size_t kLongestName = 56;  // with "Response" behind it the parser takes no more
    if (!call || call->serviceType == igd::kQueryType || call->action.size() > kLongestName)
        return 0;
    const std::string response = call->action + "Response";
    const auto again = igd::parseSoapRequest(call->serviceType + "#" + response,
                                             igd::soapResponse(*call, call->arguments));
    if (!again || again->arguments != call->arguments || again->action != response) std::abort();
    return 0;
}
