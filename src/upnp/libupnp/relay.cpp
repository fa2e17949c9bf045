// SPDX-License-Identifier: GPL-2.0-or-later
#include "libupnp/relay.h"

#include "upnpd/util/log.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <array>

namespace igd::upnp {
namespace {

using Tcp = boost::asio::ip::tcp;

/// libupnp 1.8.4 has eleven threads for requests; with more at once it lets connections wait.
constexpr std::size_t kInFlight = 10;
constexpr std::size_t kQueue = 256;
/// An answer is usually smaller than this, so one read takes it, though libupnp sends it in four
/// pieces.
constexpr int kWholeAnswer = 8192;
constexpr std::uint32_t kHeaderLimit = 8192;
constexpr std::uint64_t kBodyLimit = 1 << 20;

Tcp::endpoint endpointOf(Ipv4Address address, Port port) {
    return {boost::asio::ip::address_v4{address.value()}, port.value};
}

}  // namespace

/// An Exchange is one request on a connection of its own, as libupnp wants it.
class Relay::Exchange final : public std::enable_shared_from_this<Exchange>, public Timed {
public:
    Exchange(Relay& relay, Waiting waiting)
        : relay_(relay), waiting_(std::move(waiting)), socket_(relay.loop_) {}

    void start() {
        relay_.deadlines_.set(*this, kExchangeTime);
        waiting_.request.client.until = Clock::now() + (kExchangeTime - kLongestCall);
        Error error;
        connect(error);
        if (error)
            return boost::asio::post(relay_.loop_,
                                     [self = shared_from_this(), error] { self->end(error); });
        parser_.header_limit(kHeaderLimit);
        parser_.body_limit(kBodyLimit);
        host_ = "\r\nHOST: " + toString(Endpoint{kLoopbackAddress, *relay_.target_}) + "\r\n";
        const auto& request = waiting_.request;
        const std::array<boost::asio::const_buffer, 3> parts{boost::asio::buffer(request.startLine),
                                                             boost::asio::buffer(host_),
                                                             boost::asio::buffer(request.rest)};
        boost::asio::async_write(socket_, parts,
                                 [self = shared_from_this()](Error writeError, std::size_t) {
                                     writeError ? self->end(writeError) : self->read();
                                 });
    }

    void timedOut() override {
        Error ignored;
        socket_.close(ignored);
    }

private:
    using Error = boost::system::error_code;

    /// Connects. Over lo the connection is there as soon as connect() returns, although it says
    /// EINPROGRESS: the write that follows need not wait for a turn of the loop. Should it not be
    /// there, the write waits.
    void connect(Error& error) {
        socket_.open(Tcp::v4(), error);
        if (!error) socket_.bind(endpointOf(kLoopbackAddress, Port{0}), error);
        if (!error) socket_.non_blocking(true, error);
        if (error) return;
        port_ = Port{socket_.local_endpoint(error).port()};
        relay_.table_.add(port_, waiting_.request.client);
        socket_.set_option(Tcp::no_delay{true}, error);
        // The socket becomes readable with so much, or at the end of the stream, which libupnp
        // never leaves out.
        socket_.set_option(boost::asio::socket_base::receive_low_watermark{kWholeAnswer}, error);
        buffer_.reserve(kWholeAnswer);
        const auto target = endpointOf(kLoopbackAddress, *relay_.target_);
        if (::connect(socket_.native_handle(), target.data(),
                      static_cast<socklen_t>(target.size())) != 0 &&
            errno != EINPROGRESS)
            error.assign(errno, boost::system::system_category());
    }

    void read() {
        http::async_read(
            socket_, buffer_, parser_,
            [self = shared_from_this()](Error error, std::size_t) { self->end(error); });
    }

    void end(Error error) {
        Deadlines::clear(*this);
        if (port_.value != 0) relay_.table_.remove(port_);
        closeAtOnce();
        if (error) log::warning("upnp: libupnp did not answer: {}", error.message());
        waiting_.done(error ? std::nullopt : std::optional{parser_.release()});
        relay_.finished();
    }

    /// Closes with a reset when all has been read, which spares libupnp's side a minute of
    /// TIME_WAIT for each request.
    void closeAtOnce() {
        Error ignored;
        if (!socket_.is_open()) return;
        socket_.set_option(Tcp::socket::linger{true, 0}, ignored);
        socket_.close(ignored);
    }

    Relay& relay_;
    Waiting waiting_;
    Tcp::socket socket_;
    Port port_;
    std::string host_;
    boost::beast::flat_buffer buffer_;
    http::response_parser<http::string_body> parser_;
};

void Relay::send(RelayRequest request, Done done) {
    if (!target_ || queue_.size() >= kQueue) {
        boost::asio::post(loop_, [done = std::move(done)] { done(std::nullopt); });
        return;
    }
    Waiting waiting{std::move(request), std::move(done), Clock::now() + kTurnTime};
    if (inFlight_ < kInFlight)
        begin(std::move(waiting));
    else
        queue_.push_back(std::move(waiting));
}

void Relay::begin(Waiting waiting) {
    ++inFlight_;
    std::make_shared<Exchange>(*this, std::move(waiting))->start();
}

/// A client that has been kept too long asks again, or has gone: its request is not done behind its
/// back.
void Relay::finished() {
    --inFlight_;
    while (!queue_.empty()) {
        Waiting next = std::move(queue_.front());
        queue_.pop_front();
        if (Clock::now() < next.until) return begin(std::move(next));
        next.done(std::nullopt);
    }
}

}  // namespace igd::upnp
