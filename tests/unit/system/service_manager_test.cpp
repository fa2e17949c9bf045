// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/service_manager.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace igd {
namespace {

using std::chrono::microseconds;
using testing::ElementsAre;
using testing::IsEmpty;

/// The other end: the service manager's socket, named in the environment as that does.
class ServiceManagerTest : public testing::Test {
protected:
    ServiceManagerTest()
        : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        std::filesystem::remove(path_);
        listenAt(path_);
        ::setenv("NOTIFY_SOCKET", path_.c_str(), 1);
        ::unsetenv("WATCHDOG_USEC");
        ::unsetenv("WATCHDOG_PID");
    }
    ~ServiceManagerTest() override { std::filesystem::remove(path_); }

    /// `name` with a NUL in front: an abstract one.
    void listenAt(const std::string& name) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name.copy(address.sun_path, sizeof address.sun_path);
        socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
    }

    /// Returns what came since the last call.
    std::vector<std::string> heard() {
        std::vector<std::string> datagrams;
        std::array<char, 512> buffer{};
        for (;;) {
            const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
            if (size < 0) return datagrams;
            datagrams.emplace_back(buffer.data(), static_cast<std::size_t>(size));
        }
    }

    /// The next that the loop has to do, waiting for it.
    void runOne() {
        loop_.restart();
        loop_.run_one();
    }

    std::string path_ = fmt::format("{}/notify-{}", testing::TempDir(), ::getpid());
    UniqueFd socket_;
    boost::asio::io_context loop_{1};
};

TEST_F(ServiceManagerTest, HearsEachStateAsOneDatagram) {
    const ServiceManager manager;
    EXPECT_TRUE(manager.tell("A=1\nB=2"));
    manager.ready();
    manager.stopping();
    EXPECT_THAT(heard(), ElementsAre("A=1\nB=2", "READY=1", "STOPPING=1"));
}

TEST_F(ServiceManagerTest, MayHaveAnAbstractName) {
    const std::string name = fmt::format("upnpd-test-{}", ::getpid());
    listenAt('\0' + name);
    ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
    ServiceManager{}.ready();
    EXPECT_THAT(heard(), ElementsAre("READY=1"));
}

TEST_F(ServiceManagerTest, HearsTheTimeOfAReload) {
    ServiceManager{}.reloading();
    EXPECT_THAT(heard(), ElementsAre(testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+")));
}

TEST_F(ServiceManagerTest, IsNotKnownToProcessesThatAreStarted) {
    ::setenv("WATCHDOG_USEC", "1000000", 1);
    ::setenv("WATCHDOG_PID", "1", 1);
    const ServiceManager manager;
    for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
        EXPECT_EQ(std::getenv(name), nullptr) << name;
}

TEST_F(ServiceManagerTest, NeedNotBeThere) {
    for (const char* const path : {"", "relative", "/", "@"}) {
        ::setenv("NOTIFY_SOCKET", path, 1);
        const ServiceManager manager;
        EXPECT_FALSE(manager.present()) << path;
        EXPECT_FALSE(manager.tell("READY=1"));
    }
    ::setenv("NOTIFY_SOCKET", ("/" + std::string(sizeof(sockaddr_un), 'x')).c_str(), 1);
    EXPECT_FALSE(ServiceManager{}.present());
}

TEST_F(ServiceManagerTest, MayHaveGone) {
    const ServiceManager manager;
    socket_.reset();
    EXPECT_TRUE(manager.present());
    EXPECT_FALSE(manager.tell("READY=1"));
}

TEST_F(ServiceManagerTest, WaitsForTheWatchdogOfTheProcessItStarted) {
    const auto watchdog = [](const char* interval, const std::string& process) {
        ::setenv("WATCHDOG_USEC", interval, 1);
        if (!process.empty()) ::setenv("WATCHDOG_PID", process.c_str(), 1);
        return ServiceManager{}.watchdog();
    };
    EXPECT_EQ(watchdog("30000000", fmt::to_string(::getpid())), microseconds{30'000'000});
    EXPECT_EQ(watchdog("7200000000", ""), microseconds{7'200'000'000});
    EXPECT_EQ(watchdog("30000000", fmt::to_string(::getppid())), std::nullopt);
    EXPECT_EQ(watchdog("30000000", "nobody"), std::nullopt);
    for (const char* const nonsense :
         {"", "0", "-1", "30s", "18446744073709551615", "99999999999999999999"})
        EXPECT_EQ(watchdog(nonsense, ""), std::nullopt) << nonsense;
}

TEST_F(ServiceManagerTest, HearsTheWatchdogFromTheLoopAlone) {
    ::setenv("WATCHDOG_USEC", "2000", 1);
    const ServiceManager manager;
    ServiceReport report{loop_, manager, [] { return "idle"; }};
    report.start();
    EXPECT_THAT(heard(), ElementsAre("WATCHDOG=1"));
    const TimePoint end = Clock::now() + microseconds{2000};
    while (Clock::now() < end) {
    }
    EXPECT_THAT(heard(), IsEmpty()) << "nothing runs the loop";
    runOne();
    runOne();
    EXPECT_THAT(heard(), testing::Contains("WATCHDOG=1"));
}

TEST_F(ServiceManagerTest, HearsAStatusOnceWhateverChangesMeanwhile) {
    const ServiceManager manager;
    std::string status = "one";
    ServiceReport report{loop_, manager, [&] { return status; }};
    report.changed();
    loop_.poll();
    EXPECT_THAT(heard(), IsEmpty()) << "not started";
    report.start();
    runOne();
    EXPECT_THAT(heard(), ElementsAre("STATUS=one"));
    for (const char* const next : {"two", "three", "four"}) {
        status = next;
        report.changed();
        loop_.restart();
        loop_.poll();
    }
    EXPECT_THAT(heard(), IsEmpty()) << "one second has not passed";
    runOne();
    EXPECT_THAT(heard(), ElementsAre("STATUS=four"));
}

TEST_F(ServiceManagerTest, HearsNoStatusTwiceAndNoneAtTheEnd) {
    const ServiceManager manager;
    ServiceReport report{loop_, manager, [] { return "the same"; }};
    report.start();
    runOne();
    EXPECT_THAT(heard(), ElementsAre("STATUS=the same"));
    report.changed();
    runOne();
    EXPECT_THAT(heard(), IsEmpty());
    report.stopStatus();
    report.changed();
    loop_.restart();
    EXPECT_EQ(loop_.poll(), 0U);
}

}  // namespace
}  // namespace igd
