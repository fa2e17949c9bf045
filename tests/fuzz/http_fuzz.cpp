// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes to the gate's port, as far as they are read before a request is relayed: no crash, and
// no event may go anywhere but to the subscriber.
#include "gena/subscription_request.h"
#include "http/gate_request.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstdlib>

namespace {

using namespace igd;
using namespace igd::upnp;

constexpr Ipv4Address kSubscriber{0xc0a8320a};
const IpEndpoint kOwn{Ipv4Address{0xc0a83201}, Port{49152}};

void checkCallbacks(const NewSubscription& wanted) {
    if (wanted.callbacks.empty() || wanted.callbacks.size() > kMaxCallbacks) std::abort();
    for (const auto& url : wanted.callbacks) {
        const bool isOwn =
            url.endpoint.address == IpAddress{kSubscriber} && url.endpoint.port.value != 0;
        const bool isOneLine = url.target.find_first_of(" \r\n") == std::string::npos;
        if (!isOwn || !isOneLine || !url.target.starts_with('/')) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(8192);
    parser.body_limit(65536);
    parser.eager(true);
    boost::system::error_code error;
    parser.put(boost::asio::buffer(data, size), error);
    if (!parser.is_header_done()) return 0;
    const auto& header = parser.get();
    if (refusal(header, kOwn, {})) return 0;
    const auto subscription = readSubscription(header, {kSubscriber, kOwn});
    if (!subscription) return 0;
    if (const auto* wanted = std::get_if<NewSubscription>(&*subscription)) checkCallbacks(*wanted);
    return 0;
}
