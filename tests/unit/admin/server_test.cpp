// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/admin/server.h"

#include "temporary_folder.h"

#include "upnpd/admin/client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

constexpr std::chrono::seconds kPatience{10};

class ControlServerTest : public ::testing::Test {
protected:
    /// Runs `whileServing` while a server listens, that answers whether the peer may change things.
    void serve(const std::function<void()>& whileServing) {
        ControlServer server{loop_,
                             [](std::string_view request, bool mayChange, const auto& answered) {
                                 answered(std::string{request} + (mayChange ? " yes" : " no"));
                             }};
        server.listenAt(path());
        whileServing();
    }

    /// 0: it may change things; 1: it may not; 2: no answer.
    [[nodiscard]] int ask() const {
        const auto client = ControlClient::connect(path());
        const auto answer = client ? client->ask("may I?") : tl::unexpected{client.error()};
        return !answer ? 2 : *answer == "may I? yes" ? 0 : 1;
    }

    [[nodiscard]] std::filesystem::path path() const { return directory_ / "socket"; }

    boost::asio::io_context loop_;

private:
    TemporaryFolder directory_;
};

TEST_F(ControlServerTest, LetsItsOwnAccountChangeThings) {
    serve([&] {
        auto answer = std::async(std::launch::async, [&] { return ask(); });
        while (answer.wait_for(std::chrono::seconds{0}) != std::future_status::ready)
            loop_.run_one_for(std::chrono::milliseconds{10});
        EXPECT_EQ(answer.get(), 0);
    });
}

TEST_F(ControlServerTest, LeavesAloneWhatIsNoSocket) {
    std::ofstream{path()} << "of somebody else";
    EXPECT_THROW(serve([] {}), std::runtime_error);
    EXPECT_TRUE(std::filesystem::is_regular_file(path()));
}

TEST_F(ControlServerTest, AnswersLaterAndNotAtAllWhenTheCallerHasGone) {
    std::vector<std::function<void(const std::string&)>> waiting;
    ControlServer server{
        loop_, [&](std::string_view, bool, const auto& answered) { waiting.push_back(answered); }};
    server.listenAt(path());
    auto answer = std::async(std::launch::async, [&] {
        const auto client = ControlClient::connect(path());
        return client ? client->ask("may I?").value_or("nothing") : client.error();
    });
    while (waiting.empty()) loop_.run_one_for(std::chrono::milliseconds{10});
    waiting.front()("later");
    while (answer.wait_for(std::chrono::seconds{0}) != std::future_status::ready)
        loop_.run_one_for(std::chrono::milliseconds{10});
    EXPECT_EQ(answer.get(), "later");
    loop_.run_for(std::chrono::milliseconds{20});  // it sees that the caller has gone
    EXPECT_NO_THROW(waiting.front()("too late"));
}

TEST_F(ControlServerTest, ListensOnASocketOfTheCallersToo) {
    constexpr std::string_view kPlace{"\0upnpd-server-test", 18};
    EXPECT_FALSE(ControlClient::connectAbstract(kPlace));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    kPlace.copy(address.sun_path, kPlace.size());
    UniqueFd listener{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0)};
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address),
                     offsetof(sockaddr_un, sun_path) + kPlace.size()),
              0);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    ControlServer server{loop_, [](std::string_view request, bool, const auto& answered) {
                             answered(std::string{request});
                         }};
    server.listenOn(std::move(listener));
    auto answer = std::async(std::launch::async, [&] {
        const auto client = ControlClient::connectAbstract(kPlace);
        EXPECT_TRUE(client && client->account() == ::geteuid());
        return client ? client->ask("echo").value_or("nothing") : "nobody";
    });
    while (answer.wait_for(std::chrono::seconds{0}) != std::future_status::ready)
        loop_.run_one_for(std::chrono::milliseconds{10});
    EXPECT_EQ(answer.get(), "echo");
}

TEST_F(ControlServerTest, LetsNoChildOfItsOwnDoSo) {
    serve([&] {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(ask());
        const auto end = std::chrono::steady_clock::now() + kPatience;
        int status = -1;
        while (::waitpid(child, &status, WNOHANG) == 0 && std::chrono::steady_clock::now() < end)
            loop_.run_one_for(std::chrono::milliseconds{10});
        ASSERT_TRUE(WIFEXITED(status));
        EXPECT_EQ(WEXITSTATUS(status), 1);
    });
}

}  // namespace
}  // namespace igd
