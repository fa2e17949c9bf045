// SPDX-License-Identifier: GPL-2.0-or-later
#include "http_question.h"

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

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
constexpr unsigned kHttp11 = 11;

/// It lives for as long as its handlers.
class Exchange : public std::enable_shared_from_this<Exchange> {
public:
    using Answered = std::function<void(const std::optional<std::string>&)>;

    Exchange(boost::asio::io_context& loop, const Link& link, const HttpQuestion& question,
             Answered answered)
        : stream_(Tcp::socket{loop, Tcp::v4(), streamSocket(link).release()}),
          to_(boost::asio::ip::address_v4{link.gateway.value()}, question.place.port.value),
          answered_(std::move(answered)) {
        const bool isCall = !question.soapAction.empty();
        request_.version(kHttp11);
        request_.method(isCall ? http::verb::post : http::verb::get);
        request_.target(question.place.path);
        request_.set(http::field::host,
                     fmt::format("{}:{}", toString(link.gateway), question.place.port.value));
        request_.set(http::field::user_agent, "Linux UPnP/1.1 upnpd/" UPNPD_VERSION);
        request_.keep_alive(false);
        if (isCall) {
            request_.set("SOAPACTION", fmt::format("\"{}\"", question.soapAction));
            request_.set(http::field::content_type, "text/xml; charset=\"utf-8\"");
            request_.body() = question.body;
        }
        request_.prepare_payload();
        answer_.header_limit(kMostHeader);
        answer_.body_limit(kMostBody);
    }

    void begin() {
        stream_.expires_after(kTime);
        stream_.async_connect(to_, [self = shared_from_this()](boost::system::error_code error) {
            if (error) return self->finish(std::nullopt);
            self->write();
        });
    }

private:
    void write() {
        http::async_write(
            stream_, request_,
            [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                if (error) return self->finish(std::nullopt);
                self->read();
            });
    }
    void read() {
        http::async_read(stream_, buffer_, answer_,
                         [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                             if (error) return self->finish(std::nullopt);
                             self->finish(self->answer_.release().body());
                         });
    }
    void finish(const std::optional<std::string>& body) {
        stream_.close();
        answered_(body);
    }

    boost::beast::tcp_stream stream_;
    Tcp::endpoint to_;
    http::request<http::string_body> request_;
    http::response_parser<http::string_body> answer_;
    boost::beast::flat_buffer buffer_;
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
