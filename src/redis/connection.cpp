// SPDX-License-Identifier: GPL-2.0-or-later
#include "connection.h"

#include "problem_text.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace igd::redis {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using Protocol = boost::asio::generic::stream_protocol;

tcp::endpoint tcpEndpoint(const IpEndpoint& place) {
    const auto address = boost::asio::ip::make_address(toString(place.address));
    return {address, place.port.value};
}

Protocol::endpoint endpointOf(const StoreSetting& setting) {
    if (const auto* const path = std::get_if<std::filesystem::path>(&setting.place))
        return boost::asio::local::stream_protocol::endpoint{path->string()};
    return tcpEndpoint(std::get<IpEndpoint>(setting.place));
}

}  // namespace

template <class Handler>
auto Connection::whileAlive(Handler handler) {
    return [this, handler, life = std::weak_ptr{life_}](auto&&... values) {
        if (!life.expired() && !isLost_) handler(values...);
    };
}

Connection::Connection(boost::asio::io_context& loop, const StoreSetting& setting,
                       const StoreLogin& login, Handlers handlers)
    : loop_(loop),
      socket_(loop),
      timer_(loop),
      login_(login),
      database_(setting.database),
      handlers_(std::move(handlers)) {
    watch();
    open(setting);
}

void Connection::open(const StoreSetting& setting) {
    const auto endpoint = endpointOf(setting);
    error_code error;
    socket_.open(endpoint.protocol(), error);
    if (error) return lose(error.message());
    socket_.async_connect(endpoint, whileAlive([this](const error_code& failed) {
                              if (failed) return lose(failed.message());
                              // Rows of small commands wait for nobody's acknowledgement.
                              error_code ignored;
                              if (socket_.remote_endpoint(ignored).protocol().family() != AF_UNIX)
                                  socket_.set_option(tcp::no_delay{true}, ignored);
                              isOpen_ = true;
                              read();
                              signIn();
                          }));
}

/// Servers before 6.0 have no users.
void Connection::signIn() {
    std::vector<Command> commands;
    if (!login_.password.empty()) {
        commands.push_back({"AUTH"});
        if (!login_.user.empty()) commands.back().push_back(login_.user);
        commands.back().push_back(login_.password);
    }
    commands.push_back({"SELECT", std::to_string(database_)});
    ask(commands, [this](const std::vector<Reply>& answers) { signedIn(answers); });
}

void Connection::signedIn(const std::vector<Reply>& answers) {
    const auto refusal = std::ranges::find_if(answers, &Reply::isError);
    if (refusal != answers.end()) return lose(problemText(refusal->text));
    isReady_ = true;
    handlers_.ready();
}

void Connection::ask(const std::vector<Command>& commands, Answered answered) {
    if (isLost_) return;
    for (const Command& each : commands) waiting_ += encoded(each);
    questions_.push_back({commands.size(), {}, std::move(answered), Clock::now()});
    if (isOpen_ && writing_.empty()) write();
}

void Connection::write() {
    writing_ = std::exchange(waiting_, {});
    boost::asio::async_write(socket_, boost::asio::buffer(writing_),
                             whileAlive([this](const error_code& error, std::size_t) {
                                 if (error) return lose(error.message());
                                 writing_.clear();
                                 if (!waiting_.empty()) write();
                             }));
}

void Connection::read() {
    socket_.async_read_some(boost::asio::buffer(buffer_),
                            whileAlive([this](const error_code& error, std::size_t size) {
                                if (error == boost::asio::error::eof)
                                    return lose("it has closed the connection");
                                if (error) return lose(error.message());
                                const bool isSound = reader_.feed({buffer_.data(), size});
                                const auto life = std::weak_ptr{life_};
                                while (isSound) {
                                    const auto reply = reader_.next();
                                    if (!reply) break;
                                    take(*reply);
                                    if (life.expired() || isLost_) return;
                                }
                                if (reader_.failed())
                                    return lose("it answers what is no answer of a Redis server");
                                read();
                            }));
}

void Connection::take(const Reply& reply) {
    if (questions_.empty())
        return lose(reply.isError() ? problemText(reply.text) : "it answers what nobody has asked");
    Question& question = questions_.front();
    question.answers.push_back(reply);
    if (--question.missing > 0) return;
    const Question answered = std::move(question);
    questions_.pop_front();
    if (!questions_.empty()) questions_.front().since = Clock::now();
    answered.answered(answered.answers);
}

void Connection::watch() {
    constexpr Seconds kLook{1};
    timer_.expires_after(kLook);
    timer_.async_wait(whileAlive([this](const error_code& error) {
        if (error) return;
        const TimePoint since = questions_.empty() ? Clock::now() : questions_.front().since;
        if (Clock::now() - (isOpen_ ? since : opened_) > kPatience)
            return lose(fmt::format("it does not answer within {} s", kPatience.count()));
        watch();
    }));
}

void Connection::lose(const std::string& problem) {
    if (std::exchange(isLost_, true)) return;
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
    boost::asio::post(loop_, [this, problem, life = std::weak_ptr{life_}] {
        if (life.expired()) return;
        const auto tell = std::move(handlers_.lost);  // it may end this object
        tell(problem);
    });
}

}  // namespace igd::redis
