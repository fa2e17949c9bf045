// SPDX-License-Identifier: GPL-2.0-or-later
// HTTP messages of the gate: Boost.Beast's types under short names, and the headers that every
// answer has.
#pragma once

#include "upnpd/net/host_key.h"
#include "upnpd/net/ip_endpoint.h"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace igd::upnp {

namespace http = boost::beast::http;
using Request = http::request<http::string_body>;
using RequestHeader = http::request_header<>;
using Response = http::response<http::string_body>;

/// A request gets an answer; `sent` is called when it has left, or could not leave, and `read` when
/// the client shows that it has read it: by its next request, or by closing the connection.
struct Answer {
    Response response;
    std::function<void(bool written)> sent{};
    std::function<void()> read{};
};
using Reply = std::function<void(Answer)>;

/// Who asks, and which of our addresses.
struct Peer {
    IpAddress address;
    IpEndpoint local;
    HostKey host{};  ///< whose address that is
};

/// Whoever answers requests; of the loop thread.
class RequestHandler {
public:
    virtual ~RequestHandler() = default;
    /// The answer to a header that does not belong here; nullopt: read the body, and hand the whole
    /// over.
    [[nodiscard]] virtual std::optional<Response> refusal(const RequestHeader& header,
                                                          const Peer& peer) const = 0;
    /// `reply` is called once, now or later.
    virtual void handle(Request request, const Peer& peer, Reply reply) = 0;
};

/// The value of SERVER: "OS/version UPnP/1.1 product/version" (UDA 1.1 section 1.2.2). The version
/// of Linux is the first one that has the calls which upnpd makes (close_range), whatever kernel
/// runs: that one is nobody's business.
[[nodiscard]] std::string_view serverToken();
/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7)
[[nodiscard]] std::string httpDate(std::time_t time);

constexpr std::string_view kXmlType = "text/xml; charset=\"utf-8\"";

/// A status and nothing more.
[[nodiscard]] Response statusOnly(http::status status);
[[nodiscard]] Response document(std::string body, std::string_view type = kXmlType);

/// Fills in what depends on the request: version, persistence, DATE, SERVER, CONTENT-LANGUAGE and
/// the length; HEAD loses its body.
void complete(Response& response, const RequestHeader& request, bool keepAlive);

/// The bytes of a response on the wire.
[[nodiscard]] std::string wireText(const Response& response);

// Beast has a string_view of its own, which one depends on Boost's version.
[[nodiscard]] inline std::string_view textOf(boost::beast::string_view text) {
    return {text.data(), text.size()};
}
[[nodiscard]] inline boost::beast::string_view beastText(std::string_view text) {
    return {text.data(), text.size()};
}

void setHeader(http::fields& fields, std::string_view name, std::string_view value);

/// A header's value, empty when there is none.
[[nodiscard]] std::string_view valueOf(const http::fields& fields, http::field name);
[[nodiscard]] std::string_view valueOf(const http::fields& fields, std::string_view name);

}  // namespace igd::upnp
