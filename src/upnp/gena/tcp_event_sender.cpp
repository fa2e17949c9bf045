// SPDX-License-Identifier: GPL-2.0-or-later
#include "gena/tcp_event_sender.h"

#include "http/http_message.h"
#include "sockets/lan_sockets.h"

#include "upnpd/upnp/socket_filter.h"
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
#include <array>

#include <net/if.h>

namespace igd::upnp {
namespace {

using Tcp = boost::asio::ip::tcp;

constexpr Seconds kConnecting{5};
constexpr Seconds kDelivering{10};  ///< for one event, over all URLs (GENA-EVENT-13)
constexpr std::uint32_t kHeaderLimit = 8192;

std::string notifyHeader(const CallbackUrl& url, const Event& event) {
    return fmt::format(
        "NOTIFY {} HTTP/1.1\r\nHOST: {}\r\nCONTENT-TYPE: {}\r\nCONTENT-LENGTH: {}\r\nNT: "
        "upnp:event\r\n"
        "NTS: upnp:propchange\r\nSID: {}\r\nSEQ: {}\r\nCONNECTION: close\r\n\r\n",
        url.target, toString(url.endpoint), kXmlType, event.body->size(), event.sid,
        event.sequence);
}

}  // namespace

/// An Attempt is one event on its way, from URL to URL until one of them answers.
class TcpEventSender::Attempt final : public std::enable_shared_from_this<Attempt>, public Timed {
public:
    Attempt(TcpEventSender& sender, Event event)
        : sender_(sender), event_(std::move(event)), socket_(sender.loop_) {}

    [[nodiscard]] const Event& event() const { return event_; }

    void start() {
        until_ = Clock::now() + kDelivering;
        connect();
    }
    void cancel() {
        isCancelled_ = true;
        timedOut();
    }
    void timedOut() override {
        Error ignored;
        socket_.close(ignored);
    }

private:
    using Error = boost::system::error_code;

    void connect() {
        if (url_ == event_.callbacks.size() || Clock::now() >= until_ || isCancelled_)
            return end(isConnected_ ? Delivery::Failed : Delivery::Refused);
        if (!openSocket()) return failed({});
        allow(kConnecting);
        const auto& endpoint = event_.callbacks[url_].endpoint;
        const unsigned scope = ::if_nametoindex(sender_.interface_.text().c_str());
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
        const auto& to = event_.callbacks[url_].endpoint.address;
        const bool isFour = std::holds_alternative<Ipv4Address>(to);
        socket_.open(isFour ? Tcp::v4() : Tcp::v6(), error);
        if (error || !bindToDevice(socket_.native_handle(), sender_.interface_)) return false;
        if (isFour && std::holds_alternative<Ipv4Address>(event_.from))
            socket_.bind({asioAddress(event_.from), 0}, error);
        Error ignored;
        socket_.set_option(Tcp::no_delay{true}, ignored);
        return !error;
    }

    void write() {
        isConnected_ = true;
        allow(kDelivering);
        header_ = notifyHeader(event_.callbacks[url_], event_);
        const std::array<boost::asio::const_buffer, 2> parts{boost::asio::buffer(header_),
                                                             boost::asio::buffer(*event_.body)};
        boost::asio::async_write(socket_, parts,
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
                const auto status = self->parser_->get().result();
                self->end(status == http::status::precondition_failed ? Delivery::Unknown
                                                                      : Delivery::Taken);
            });
    }

    void failed(Error error) {
        log::debug("upnp: an event does not reach {}: {}",
                   toString(event_.callbacks[url_].endpoint), error.message());
        ++url_;
        connect();
    }

    void allow(Clock::duration most) {
        sender_.deadlines_.set(*this, std::min<Clock::duration>(most, until_ - Clock::now()));
    }

    void end(Delivery delivery) {
        Deadlines::clear(*this);
        Error ignored;
        socket_.close(ignored);
        if (isCancelled_) return;
        boost::asio::post(sender_.loop_, [self = shared_from_this(), delivery] {
            self->sender_.finished(*self, delivery);
        });
    }

    TcpEventSender& sender_;
    const Event event_;
    Tcp::socket socket_;
    TimePoint until_{};
    std::size_t url_ = 0;
    bool isCancelled_ = false;
    bool isConnected_ = false;  ///< somebody has taken a connection
    std::string header_;
    boost::beast::flat_buffer buffer_;
    std::optional<http::response_parser<http::empty_body>> parser_;
};

TcpEventSender::TcpEventSender(boost::asio::io_context& loop, Deadlines& deadlines,
                               InterfaceName interface, Ended ended)
    : loop_(loop),
      deadlines_(deadlines),
      interface_(std::move(interface)),
      ended_(std::move(ended)) {}

TcpEventSender::~TcpEventSender() = default;

void TcpEventSender::send(Event event) {
    auto& queue = event.isExpected ? expected_ : others_;
    queue.push_back(std::move(event));
    next();
}

void TcpEventSender::cancel(const Sid& sid) {
    const auto its = [&](const Event& event) { return event.sid == sid; };
    std::erase_if(expected_, its);
    std::erase_if(others_, its);
    const auto found = running_.find(sid);
    if (found == running_.end()) return;
    const auto attempt = found->second;
    forget(found);
    attempt->cancel();
    next();
}

void TcpEventSender::next() {
    while (!expected_.empty() && running_.size() < kPlaces) begin(expected_);
    while (!others_.empty() && running_.size() < kPlaces && doubtful_ < kDoubtfulPlaces)
        begin(others_);
}

void TcpEventSender::begin(std::deque<Event>& queue) {
    auto attempt = std::make_shared<Attempt>(*this, std::move(queue.front()));
    queue.pop_front();
    if (!attempt->event().isExpected) ++doubtful_;
    running_.emplace(attempt->event().sid, attempt);
    attempt->start();
}

void TcpEventSender::forget(Running::iterator entry) {
    if (!entry->second->event().isExpected) --doubtful_;
    running_.erase(entry);
}

void TcpEventSender::finished(const Attempt& attempt, Delivery delivery) {
    const auto found = running_.find(attempt.event().sid);
    if (found == running_.end() || found->second.get() != &attempt) return;  // cancelled meanwhile
    forget(found);
    ended_(attempt.event().sid, delivery);
    next();
}

}  // namespace igd::upnp
