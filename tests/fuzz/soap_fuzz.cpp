// SPDX-License-Identifier: GPL-2.0-or-later
// A stranger's SOAP request, its SOAPACTION and the charset of its Content-Type in the first line:
// what is accepted is UTF-8, and an answer with its values is well-formed, and says the same.
#include "upnpd/igd/encodings.h"
#include "upnpd/igd/soap.h"
#include "upnpd/util/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*words*/) {
    igd::loadEncodings();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const auto end = input.find('\n');
    if (end == std::string_view::npos) return 0;
    const auto line = input.substr(0, end);
    const auto action = line.substr(0, line.find(';'));
    const auto charset = line.substr(std::min(action.size() + 1, line.size()));
    const auto call = igd::parseSoapRequest(action, input.substr(end + 1), charset);
    constexpr std::size_t kLongestName = 56;  // with "Response" behind it the parser takes no more
    if (!call || call->action.size() > kLongestName) return 0;
    const auto isText = [](const igd::ArgumentValue& each) {
        return igd::isUtf8(each.first) && igd::isUtf8(each.second);
    };
    if (!std::ranges::all_of(call->arguments, isText)) std::abort();
    const std::string response = call->action + "Response";
    const auto again = igd::parseSoapRequest(call->serviceType + "#" + response,
                                             igd::soapResponse(*call, call->arguments));
    if (!again || again->arguments != call->arguments || again->action != response) std::abort();
    return 0;
}
