// SPDX-License-Identifier: GPL-2.0-or-later
#include "http_question.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace igd::above {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Tcp = boost::asio::ip::tcp;

const Link kLoopback{InterfaceName::parse("lo").value(), Ipv4Address{0x7f000001},
                     Ipv4Address{0x7f000001}};

/// A server that answers one question with these pieces, each a moment after the other, and closes
/// the connection.
class Server {
public:
    Server(boost::asio::io_context& loop, std::vector<std::string> pieces)
        : acceptor_(loop, {Tcp::v4(), 0}), client_(loop), pause_(loop), pieces_(std::move(pieces)) {
        acceptor_.async_accept(client_, [this](boost::system::error_code error) {
            if (error) return;
            client_.async_read_some(boost::asio::buffer(buffer_),
                                    [this](boost::system::error_code, std::size_t count) {
                                        asked.assign(buffer_.data(), count);
                                        answer(0);
                                    });
        });
    }
    [[nodiscard]] Port port() const { return Port{acceptor_.local_endpoint().port()}; }

    std::string asked;

private:
    void answer(std::size_t piece) {
        if (piece == pieces_.size()) return client_.close();
        boost::asio::write(client_, boost::asio::buffer(pieces_[piece]));
        pause_.expires_after(std::chrono::milliseconds{5});
        pause_.async_wait([this, piece](boost::system::error_code) { answer(piece + 1); });
    }

    Tcp::acceptor acceptor_;
    Tcp::socket client_;
    boost::asio::steady_timer pause_;
    std::vector<std::string> pieces_;
    std::array<char, 4096> buffer_{};
};

struct Outcome {
    std::string asked;
    std::optional<std::string> body;
};

Outcome ask(std::vector<std::string> pieces, HttpQuestion question = {}) {
    boost::asio::io_context loop{1};
    Server server{loop, std::move(pieces)};
    question.place = {server.port(), "/igd.xml"};
    Outcome outcome;
    int answers = 0;
    askHttp(loop, kLoopback, question, [&](const std::optional<std::string>& body) {
        outcome.body = body;
        ++answers;
    });
    EXPECT_EQ(answers, 0) << "later";
    loop.run();
    EXPECT_EQ(answers, 1);
    outcome.asked = server.asked;
    return outcome;
}

TEST(HttpQuestion, FetchesADocument) {
    const auto [asked, body] = ask({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"});
    EXPECT_EQ(body, "hello");
    EXPECT_THAT(asked, AllOf(StartsWith("GET /igd.xml HTTP/1.1\r\nHOST: 127.0.0.1:"),
                             HasSubstr("\r\nUSER-AGENT: "), EndsWith("CONNECTION: close\r\n\r\n")));
}

TEST(HttpQuestion, CallsAnAction) {
    const auto [asked, body] = ask({"HTTP/1.0 500 Error\r\nContent-Length: 5\r\n\r\nfault"},
                                   {.place = {}, .soapAction = "urn:x:1#Add", .body = "<a>1</a>"});
    EXPECT_EQ(body, "fault") << "whatever its code";
    EXPECT_THAT(asked, AllOf(StartsWith("POST /igd.xml HTTP/1.1\r\n"),
                             HasSubstr("\r\nSOAPACTION: \"urn:x:1#Add\"\r\n"),
                             HasSubstr("\r\nCONTENT-LENGTH: 8\r\n\r\n<a>1</a>")));
}

TEST(HttpQuestion, TakesAnAnswerInPieces) {
    EXPECT_EQ(ask({"HTTP/1.1 2", "00 OK\r\nContent-Le", "ngth: 6\r\n\r", "\nabc", "def"}).body,
              "abcdef");
    EXPECT_EQ(ask({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", "c\r\n", "3\r",
                   "\ndef\r\n0\r\n\r\n"})
                  .body,
              "abcdef");
    EXPECT_EQ(ask({"HTTP/1.1 200 OK\r\n\r\nabc", "def"}).body, "abcdef") << "without a length";
}

TEST(HttpQuestion, HasNoAnswerFromWhoeverSaysNothingUseful) {
    EXPECT_EQ(ask({}).body, std::nullopt);
    EXPECT_EQ(ask({"SSH-2.0\r\n\r\n"}).body, std::nullopt);
    EXPECT_EQ(ask({"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc"}).body, std::nullopt);
    EXPECT_EQ(ask({"HTTP/1.1 200 OK\r\nX: " + std::string(9000, 'x') + "\r\n\r\n"}).body,
              std::nullopt);
    EXPECT_EQ(ask({"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n"}).body, std::nullopt);
    EXPECT_EQ(ask({"HTTP/1.1 200 OK\r\n\r\n" + std::string(70000, 'x')}).body, std::nullopt);
}

TEST(HttpQuestion, HasNoAnswerWhereNobodyListens) {
    boost::asio::io_context loop{1};
    int answers = 0;
    askHttp(loop, kLoopback, {.place = {Port{1}, "/"}, .soapAction = {}, .body = {}},
            [&](const std::optional<std::string>& body) {
                EXPECT_EQ(body, std::nullopt);
                ++answers;
            });
    loop.run();
    EXPECT_EQ(answers, 1);
}

}  // namespace
}  // namespace igd::above
