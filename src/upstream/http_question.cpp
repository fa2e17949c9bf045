// SPDX-License-Identifier: GPL-2.0-or-later
#include "http_question.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

namespace igd::above {
namespace {

namespace http = boost::beast::http;
using Tcp = boost::asio::ip::tcp;

constexpr std::chrono::milliseconds kTime{2000};
constexpr std::uint32_t kMostHeader = 8192;
constexpr std::uint64_t kMostBody = 65536;

std::string textOf(const Link& link, const HttpQuestion& question) {
    const bool isCall = !question.soapAction.empty();
    std::string text = fmt::format(
        "{} {} HTTP/1.1\r\nHOST: {}:{}\r\nUSER-AGENT: Linux UPnP/1.1 upnpd/" UPNPD_VERSION
        "\r\nCONNECTION: close\r\n",
        isCall ? "POST" : "GET", question.place.path, toString(link.gateway),
        question.place.port.value);
    if (isCall)
        text += fmt::format(
            "SOAPACTION: \"{}\"\r\nCONTENT-TYPE: text/xml; charset=\"utf-8\"\r\n"
            "CONTENT-LENGTH: {}\r\n",
            question.soapAction, question.body.size());
    return text + "\r\n" + question.body;
}

/// It lives for as long as its handlers. Beast parses what Asio reads: Beast's own reading and
/// writing of messages makes the daemon larger by a twentieth.
class Exchange : public std::enable_shared_from_this<Exchange> {
public:
    using Answered = std::function<void(const std::optional<std::string>&)>;

    Exchange(boost::asio::io_context& loop, const Link& link, const HttpQuestion& question,
             Answered answered)
        : socket_(loop, Tcp::v4(), streamSocket(link).release()),
          time_(loop, kTime),
          to_(boost::asio::ip::address_v4{link.gateway.value()}, question.place.port.value),
          question_(textOf(link, question)),
          answered_(std::move(answered)) {
        answer_.header_limit(kMostHeader);
        answer_.body_limit(kMostBody);
        answer_.eager(true);
    }

    void begin() {
        time_.async_wait([self = shared_from_this()](Error error) {
            if (!error) self->finish(std::nullopt);
        });
        socket_.async_connect(to_, [self = shared_from_this()](Error error) {
            error ? self->finish(std::nullopt) : self->write();
        });
    }

private:
    using Error = boost::system::error_code;

    void write() {
        boost::asio::async_write(socket_, boost::asio::buffer(question_),
                                 [self = shared_from_this()](Error error, std::size_t) {
                                     error ? self->finish(std::nullopt) : self->read();
                                 });
    }
    void read() {
        socket_.async_read_some(boost::asio::buffer(piece_),
                                [self = shared_from_this()](Error error, std::size_t count) {
                                    self->take(error, count);
                                });
    }
    /// An answer without a length ends with the connection.
    void take(Error error, std::size_t count) {
        unread_.append(piece_.data(), count);
        Error problem;
        if (error == boost::asio::error::eof && answer_.got_some())
            answer_.put_eof(problem);
        else if (error)
            problem = error;
        else
            parse(problem);
        if (problem) return finish(std::nullopt);
        answer_.is_done() ? finish(answer_.release().body()) : read();
    }
    void parse(Error& problem) {
        while (!unread_.empty() && !problem && !answer_.is_done())
            unread_.erase(0, answer_.put(boost::asio::buffer(unread_), problem));
        if (problem == http::error::need_more) problem = {};
    }
    void finish(const std::optional<std::string>& body) {
        time_.cancel();
        Error ignored;
        socket_.close(ignored);
        if (answered_) std::exchange(answered_, nullptr)(body);
    }

    Tcp::socket socket_;
    boost::asio::steady_timer time_;
    Tcp::endpoint to_;
    std::string question_;
    http::response_parser<http::string_body> answer_;
    std::array<char, 4096> piece_{};
    std::string unread_;  ///< half a line
    Answered answered_;
};

}  // namespace

void askHttp(boost::asio::io_context& loop, const Link& link, const HttpQuestion& question,
             std::function<void(const std::optional<std::string>&)> answered) {
    try {
        std::make_shared<Exchange>(loop, link, question, answered)->begin();
    } catch (const std::system_error&) {
        boost::asio::post(loop, [answered = std::move(answered)] { answered(std::nullopt); });
    }
}

}  // namespace igd::above
