// SPDX-License-Identifier: GPL-2.0-or-later
#include "http/http_session.h"

#include "http/gate_request.h"

#include "upnpd/portmap/call_times.h"
#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

namespace igd::upnp {
namespace {

/// Above what any handler takes: those that ask the gateway take longest.
constexpr Seconds kHandling = kLongestCall + Seconds{5};
/// Most requests come with one read.
constexpr std::size_t kOneRead = 4096;
/// How long, and how much, is read and thrown away behind the last answer: closing a socket that
/// has unread bytes sends a reset, and with it the answer may be lost (RFC 9112 section 9.6).
constexpr Seconds kDraining{2};
constexpr std::size_t kDrained = 262144;
/// Between two looks for room for a body.
constexpr std::chrono::milliseconds kNoRoom{50};
/// Seconds: by then it has its rate again.
constexpr std::string_view kRetryAfter = "1";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

http::status statusFor(const boost::system::error_code& error) {
    if (error == http::error::body_limit) return http::status::payload_too_large;
    if (error == http::error::header_limit) return http::status::request_header_fields_too_large;
    return http::status::bad_request;
}

/// The peer sent what is no request, or too much of one; else it went away.
bool isAboutMessage(const boost::system::error_code& error) {
    return error.category() == http::make_error_code(http::error::end_of_stream).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

}  // namespace

HttpSession::HttpSession(boost::asio::ip::tcp::socket socket, const Peer& peer,
                         HostQuota::Ticket ticket, const HttpParts& parts)
    : Waiter(peer.host),
      socket_(std::move(socket)),
      peer_(peer),
      ticket_(std::move(ticket)),
      parts_(parts) {}

void HttpSession::start() {
    Error ignored;
    socket_.non_blocking(true, ignored);
    readHeader();
}

void HttpSession::giveWay() {
    log::debug("upnp: a connection of {} is closed: there are too many", toString(peer_.address));
    close();
}

void HttpSession::waitForPeer(Clock::duration within) {
    parts_.deadlines.set(*this, within);
    parts_.connections.waits(*this);
}

void HttpSession::readHeader() {
    buffer_.reserve(kOneRead);
    parser_.emplace();
    parser_->body_limit(parts_.limits.bodyBytes);
    waitForPeer(parts_.limits.requestTime);
    seekHeader();
}

/// Beast reads only what RFC 9112 lets a client write, so that the header is collected here.
void HttpSession::seekHeader() {
    const auto received = receivedText();
    if (const auto place = findHeader(received)) return headerRead(parseHeader(*place));
    if (received.size() > parts_.limits.headerBytes) return headerRead(http::error::header_limit);
    if (!mayBecomeRequest(received)) return headerRead(http::error::bad_method);
    if (readAtOnce()) return seekHeader();
    socket_.async_read_some(buffer_.prepare(kOneRead),
                            [self = shared_from_this()](Error error, std::size_t count) {
                                if (error) return self->close();
                                self->buffer_.commit(count);
                                self->seekHeader();
                            });
}

/// Most requests have come when their connection is taken: no round through the event loop, then.
/// Returns whether there was something; errors and the end are left to the next reading.
bool HttpSession::readAtOnce() {
    Error nothing;
    const std::size_t count = socket_.read_some(buffer_.prepare(kOneRead), nothing);
    buffer_.commit(count);
    return count > 0;
}

HttpSession::Error HttpSession::parseHeader(const HeaderPlace& place) {
    const std::size_t size = place.end - place.begin;
    if (size > parts_.limits.headerBytes) return http::error::header_limit;
    const auto header = tidiedHeader(receivedText().substr(place.begin, size));
    if (!header) return http::error::bad_obs_fold;
    Error error;
    parser_->header_limit(static_cast<std::uint32_t>(header->size()));
    parser_->put(boost::asio::buffer(*header), error);
    buffer_.consume(place.end);
    return error;
}

std::string_view HttpSession::receivedText() const {
    const auto data = buffer_.data();
    return {static_cast<const char*>(data.data()), data.size()};
}

void HttpSession::headerRead(Error error) {
    answerRead();
    const auto [admission, wait] = parts_.requests.ask(peer_.address, peer_.host, Clock::now());
    if (admission == Admission::Admitted) return admitted(error);
    if (admission != Admission::Later) return putOff();
    // It waits for its answers, and what it sends meanwhile waits in the kernel.
    waitForPeer(parts_.limits.requestTime + wait);
    later(wait, [this, error] { admitted(error); });
}

void HttpSession::later(Clock::duration wait, std::function<void()> goOn) {
    if (!later_) later_.emplace(socket_.get_executor());
    later_->expires_after(wait);
    later_->async_wait([self = shared_from_this(), goOn = std::move(goOn)](Error error) {
        if (!error && self->socket_.is_open()) goOn();
    });
}

void HttpSession::admitted(Error error) {
    if (error) return refuse(error);
    const auto& header = parser_->get();
    if (!isCodingKnown(header)) return answer({statusOnly(http::status::not_implemented)}, false);
    if (auto response = parts_.handler.refusal(header, peer_)) {
        log::debug("upnp: {} for {} of {}: {}", igd::quoted(textOf(header.method_string())),
                   igd::quoted(textOf(header.target())), toString(peer_.address),
                   response->result_int());
        return answer({std::move(*response)}, parser_->is_done() && parser_->keep_alive());
    }
    const bool hasLength = parser_->chunked() || parser_->content_length();
    if (header.method() == http::verb::post && !hasLength)  // IGD-Quirk-23
        return answer({statusOnly(http::status::length_required)}, false);
    reserveBody();
}

/// The bodies that are on their way have one budget, and each host has a share of it. A body for
/// which there is no room waits in the kernel.
void HttpSession::reserveBody() {
    const auto length = parser_->content_length();
    const std::size_t bytes = length ? static_cast<std::size_t>(*length) : parts_.limits.bodyBytes;
    if (!parser_->is_done() && bytes > 0) {
        auto room = parts_.bodies.take(peer_.host, bytes);
        if (!room) return later(kNoRoom, [this] { reserveBody(); });
        body_.emplace(std::move(*room));
    }
    if (expectsContinue(parser_->get())) return invite();
    readBody();
}

/// IGD-Quirk-25: .NET waits for this before it sends the body.
void HttpSession::invite() {
    boost::asio::async_write(socket_, boost::asio::buffer(kContinue),
                             [self = shared_from_this()](Error error, std::size_t) {
                                 if (!error) self->readBody();
                             });
}

void HttpSession::readBody() {
    if (parser_->is_done()) return bodyRead({});
    http::async_read(
        socket_, buffer_, *parser_,
        [self = shared_from_this()](Error error, std::size_t) { self->bodyRead(error); });
}

void HttpSession::bodyRead(Error error) {
    if (error) return refuse(error);
    parts_.deadlines.set(*this, kHandling);
    parts_.connections.works(*this);
    const bool keepAlive = parser_->keep_alive();
    // The header stays behind: the answer depends on it.
    Request request{parser_->get().base(), std::move(parser_->get().body())};
    parts_.handler.handle(std::move(request), peer_,
                          [self = shared_from_this(), keepAlive](Answer answer) {
                              self->answer(std::move(answer), keepAlive);
                          });
}

/// A message that is none gets a status; a connection that ended gets nothing.
void HttpSession::refuse(Error error) {
    if (!isAboutMessage(error)) return close();
    log::debug("upnp: no request from {}: {}", toString(peer_.address), error.message());
    answer({statusOnly(statusFor(error))}, false);
}

/// The gate does not look at what such a client sends, be it a request or none (RFC 9110 section
/// 15.6.4).
void HttpSession::putOff() {
    log::debug("upnp: {} asks too often", toString(peer_.address));
    auto response = statusOnly(http::status::service_unavailable);
    setHeader(response, "RETRY-AFTER", kRetryAfter);
    answer({std::move(response)}, false);
}

void HttpSession::answer(Answer answer, bool keepAlive) {
    if (!parts_.hosts.mayAnswer(Clock::now())) return close();
    answer_ = std::move(answer);
    body_.reset();
    complete(answer_.response, parser_->get().base(), keepAlive);
    waitForPeer(parts_.limits.requestTime);
    wire_ = wireText(answer_.response);
    answer_.response.body() = {};
    boost::asio::async_write(
        socket_, boost::asio::buffer(wire_),
        [self = shared_from_this()](Error error, std::size_t) { self->written(error); });
}

void HttpSession::written(Error error) {
    wire_ = {};
    if (answer_.sent) std::exchange(answer_.sent, nullptr)(!error);
    read_ = std::exchange(answer_.read, nullptr);
    if (error) return close();
    if (answer_.response.keep_alive()) return readHeader();
    Error ignored;
    socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    answer_ = {};
    buffer_.clear();
    ticket_.reset();
    parts_.connections.lingers(*this);
    parts_.deadlines.set(*this, kDraining);
    drain();
}

void HttpSession::drain() {
    constexpr std::size_t kPiece = 4096;
    socket_.async_read_some(buffer_.prepare(kPiece),
                            [self = shared_from_this()](Error error, std::size_t count) {
                                self->drained_ += count;
                                if (error || self->drained_ > kDrained) return self->close();
                                self->drain();
                            });
}

/// The client went on after the last answer, or closed the connection.
void HttpSession::answerRead() {
    if (read_) std::exchange(read_, nullptr)();
}

void HttpSession::close() {
    answerRead();
    Error ignored;
    socket_.close(ignored);
    ConnectionQuota::leaves(*this);
    ticket_.reset();
    body_.reset();
}

}  // namespace igd::upnp
