// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/admin/server.h"

#include "temporary_folder.h"

#include "upnpd/admin/client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <string_view>

#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

constexpr std::chrono::seconds kPatience{10};

class ControlServerTest : public ::testing::Test {
protected:
    /// Runs `whileServing` while a server listens, that answers whether the peer may change things.
    void serve(const std::function<void()>& whileServing) {
        ControlServer server{loop_, path(), [](std::string_view request, bool mayChange) {
                                 return std::string{request} + (mayChange ? " yes" : " no");
                             }};
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
