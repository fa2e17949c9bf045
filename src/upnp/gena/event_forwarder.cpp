// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/event_forwarder.h"

#include "http/http_message.h"
#include "sockets/lan_sockets.h"
#include "sockets/socket_filter.h"

#include "upnpd/util/log.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <fmt/format.h>

#include <algorithm>

#include <net/if.h>

namespace igd::upnp {
namespace {

using Tcp = boost::asio::ip::tcp;

constexpr std::size_t kQueue = 32;
constexpr Seconds kConnecting{5};
constexpr Seconds kDelivering{10};  ///< for one event, over all URLs (GENA-EVENT-13)
constexpr std::uint32_t kHeaderLimit = 8192;

std::string notifyMessage(const CallbackUrl& url, const Event& event) {
    return fmt::format(
        "NOTIFY {} HTTP/1.1\r\nHOST: {}\r\nCONTENT-TYPE: {}\r\nCONTENT-LENGTH: {}\r\nNT: "
        "upnp:event\r\n"
        "NTS: upnp:propchange\r\nSID: {}\r\nSEQ: {}\r\nCONNECTION: close\r\n\r\n{}",
        url.target, toString(url.endpoint), kXmlType, event.body.size(), event.sid, event.seq,
        event.body);
}

}  // namespace

/// A Delivery is one event on its way, from URL to URL until one of them answers.
class EventForwarder::Delivery final : public std::enable_shared_from_this<Delivery>, public Timed {
public:
    Delivery(EventForwarder& forwarder, Token token, Destination destination, Event event)
        : forwarder_(forwarder),
          token_(std::move(token)),
          urls_(std::move(destination.urls)),
          from_(destination.from),
          event_(std::move(event)),
          socket_(forwarder.loop_) {}

    void start() {
        until_ = Clock::now() + kDelivering;
        attempt();
    }
    void cancel() {
        cancelled_ = true;
        timedOut();
    }
    void timedOut() override {
        Error ignored;
        socket_.close(ignored);
    }

private:
    using Error = boost::system::error_code;

    void attempt() {
        if (url_ == urls_.size() || Clock::now() >= until_ || cancelled_) return end(false);
        if (!openSocket()) return failed({});
        allow(kConnecting);
        const auto& endpoint = urls_[url_].endpoint;
        const unsigned scope = ::if_nametoindex(forwarder_.interface_.text().c_str());
        socket_.async_connect({asioAddress(endpoint.address, scope), endpoint.port.value},
                              [self = shared_from_this()](Error error) {
                                  error ? self->failed(error) : self->write();
                              });
    }

    /// Opens a socket on the LAN interface, whatever the routes have become (SEC-WAN-15), and over
    /// IPv4 from the address that was subscribed to.
    bool openSocket() {
        Error error;
        socket_.close(error);
        const auto* const four = std::get_if<Ipv4Address>(&from_);
        socket_.open(four != nullptr ? Tcp::v4() : Tcp::v6(), error);
        if (error || !bindToDevice(socket_.native_handle(), forwarder_.interface_)) return false;
        if (four != nullptr) socket_.bind({asioAddress(*four), 0}, error);
        Error ignored;
        socket_.set_option(Tcp::no_delay{true}, ignored);
        return !error;
    }

    void write() {
        allow(kDelivering);
        message_ = notifyMessage(urls_[url_], event_);
        boost::asio::async_write(socket_, boost::asio::buffer(message_),
                                 [self = shared_from_this()](Error error, std::size_t) {
                                     error ? self->failed(error) : self->read();
                                 });
    }

    /// Reads the answer. The status line is all that matters (GENA-EVENT-23); a redirect is not
    /// followed (GENA-CALLSTRANGER-07).
    void read() {
        parser_.emplace();
        parser_->header_limit(kHeaderLimit);
        buffer_.clear();
        http::async_read_header(
            socket_, buffer_, *parser_, [self = shared_from_this()](Error error, std::size_t) {
                if (error) return self->failed(error);
                self->end(self->parser_->get().result() == http::status::precondition_failed);
            });
    }

    void failed(Error error) {
        log::debug("upnp: an event does not reach {}: {}", toString(urls_[url_].endpoint),
                   error.message());
        ++url_;
        attempt();
    }

    void allow(Clock::duration most) {
        forwarder_.deadlines_.set(*this, std::min<Clock::duration>(most, until_ - Clock::now()));
    }

    void end(bool disowned) {
        Deadlines::clear(*this);
        Error ignored;
        socket_.close(ignored);
        if (cancelled_) return;
        boost::asio::post(forwarder_.loop_, [&forwarder = forwarder_, token = token_, disowned] {
            forwarder.finished(token, disowned);
        });
    }

    EventForwarder& forwarder_;
    const Token token_;
    const std::vector<CallbackUrl> urls_;
    const IpAddress from_;
    const Event event_;
    Tcp::socket socket_;
    TimePoint until_{};
    std::size_t url_ = 0;
    bool cancelled_ = false;
    std::string message_;
    boost::beast::flat_buffer buffer_;
    std::optional<http::response_parser<http::empty_body>> parser_;
};

EventForwarder::EventForwarder(boost::asio::io_context& loop, Deadlines& deadlines,
                               InterfaceName interface, Disowned disowned)
    : loop_(loop),
      deadlines_(deadlines),
      interface_(std::move(interface)),
      disowned_(std::move(disowned)) {}

void EventForwarder::open(const Token& token, Destination destination) {
    subscribers_.emplace(token, Subscriber{std::move(destination)});
}

void EventForwarder::release(const Token& token) {
    const auto found = subscribers_.find(token);
    if (found == subscribers_.end()) return;
    found->second.held = false;
    next(token);
}

void EventForwarder::close(const Token& token) {
    const auto found = subscribers_.find(token);
    if (found == subscribers_.end()) return;
    if (const auto delivery = found->second.inFlight.lock()) delivery->cancel();
    subscribers_.erase(found);
}

bool EventForwarder::deliver(const Token& token, Event event) {
    const auto found = subscribers_.find(token);
    if (found == subscribers_.end()) return false;
    auto& queue = found->second.queue;
    if (queue.size() == kQueue) queue.pop_front();
    queue.push_back(std::move(event));
    next(token);
    return true;
}

void EventForwarder::next(const Token& token) {
    const auto found = subscribers_.find(token);
    if (found == subscribers_.end()) return;
    Subscriber& subscriber = found->second;
    if (subscriber.held || subscriber.queue.empty() || !subscriber.inFlight.expired()) return;
    auto delivery = std::make_shared<Delivery>(*this, token, subscriber.destination,
                                               std::move(subscriber.queue.front()));
    subscriber.queue.pop_front();
    subscriber.inFlight = delivery;
    delivery->start();
}

void EventForwarder::finished(const Token& token, bool disowned) {
    const auto found = subscribers_.find(token);
    if (found == subscribers_.end()) return;
    found->second.inFlight.reset();
    if (disowned) return disowned_(Token{token});
    next(token);
}

}  // namespace igd::upnp
