// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes to the gate's port, as far as they are read before a request is relayed: no crash, and
// no event may go anywhere but to the subscriber.
#include "gena/subscription_request.h"
#include "http/gate_request.h"
#include "http/header_text.h"
#include "http/metrics_handler.h"

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

/// Bytes are found to be a header at the same place in whatever pieces they come, and the tidied
/// text is one header again.
std::optional<std::string> headerIn(std::string_view received) {
    const auto place = findHeader(received);
    if (!place) return std::nullopt;
    if (place->end > received.size() || place->begin >= place->end) std::abort();
    if (findHeader(received.substr(0, place->end)) != place) std::abort();
    if (findHeader(received.substr(0, place->end - 1))) std::abort();
    auto header = tidiedHeader(received.substr(place->begin, place->end - place->begin));
    if (!header) return std::nullopt;
    if (header->size() > 2 * (place->end - place->begin)) std::abort();
    if (findHeader(*header) != HeaderPlace{0, header->size()}) std::abort();
    if (tidiedHeader(*header) != header) std::abort();
    return header;
}

/// The port of metrics asks nobody for anything before it knows what is wanted.
struct NoGateway final : Gateway {
    void ask(const GatewayRequest& /*request*/, TimePoint /*deadline*/,
             Answered /*answered*/) override {
        std::abort();
    }
};

void checkMetrics(const RequestHeader& header) {
    NoGateway gateway;
    const MetricsHandler handler{gateway};
    if (handler.refusal(header, {kSubscriber, kOwn})) return;
    const bool isRead = header.method() == http::verb::get || header.method() == http::verb::head;
    const bool isNamed = textOf(header.target()).find("/metrics") != std::string_view::npos;
    if (!isRead || !isNamed) std::abort();
    static_cast<void>(prefersOpenMetrics(valueOf(header, http::field::accept)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view received{reinterpret_cast<const char*>(data), size};
    static_cast<void>(mayBecomeRequest(received));
    const auto text = headerIn(received);
    if (!text) return 0;
    http::request_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(text->size()));
    parser.body_limit(65536);
    boost::system::error_code error;
    parser.put(boost::asio::buffer(*text), error);
    if (error || !parser.is_header_done()) return 0;
    const auto& header = parser.get();
    if (namedAction(header).find('\n') != std::string_view::npos) std::abort();
    const auto charset = parameterIn(valueOf(header, http::field::content_type), "charset");
    if (charset.find(';') != std::string_view::npos) std::abort();
    checkMetrics(header);
    if (!isCodingKnown(header) || refusal(header, kOwn, {})) return 0;
    const auto subscription = readSubscription(header, {kSubscriber, kOwn},
                                               [](const auto&, const auto&) { return false; });
    if (!subscription) return 0;
    if (const auto* wanted = std::get_if<NewSubscription>(&*subscription)) checkCallbacks(*wanted);
    return 0;
}
