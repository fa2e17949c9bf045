// SPDX-License-Identifier: GPL-2.0-or-later
// The input is what a gateway above sends: an answer of PCP or NAT-PMP, the answer to a search, a
// description, the answer to a call, a URL; or what a process that it has taken over tells the
// engine.
#include "above_messages.h"
#include "igd_documents.h"

#include "upnpd/pcp/client.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd;
    using namespace igd::above;
    const std::span bytes{data, size};
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto answer = pcp::parseServerAnswer(bytes)) {
        require(!answer->external || answer->external->isOfHost());
        require(!pcp::nameOfResult(answer->isPcp, answer->result).empty());
    }
    const Ipv4Address gateway{0xc0a85a01};
    const HttpPlace base{Port{80}, "/igd.xml"};
    if (const auto place = placeIn(text, gateway, base))
        require(place->port != Port{0} && place->path.find_first_of("\r\n ") == std::string::npos);
    require(locationIn(text).find('\n') == std::string::npos);
    for (const Connection& each : connectionsIn(text))
        require(each.type.find_first_of("\r\n\"") == std::string::npos);
    if (const auto answer = readCallAnswer("GetExternalIPAddress", text))
        require(answer->error >= 0);
    if (const auto message = decodeToEngine(bytes)) {
        const auto again = encode(*message);
        require(again && std::ranges::equal(*again, bytes));
    }
    return 0;
}
