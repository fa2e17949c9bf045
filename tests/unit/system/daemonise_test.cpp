// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/daemonise.h"

#include "temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class PidFileTest : public testing::Test {
protected:
    [[nodiscard]] std::string content() const {
        std::string text;
        std::getline(std::ifstream{path_}, text);
        return text;
    }

    const TemporaryFolder folder_;
    const std::filesystem::path path_ = folder_ / "pid";
};

TEST_F(PidFileTest, HasThePidWhileItLives) {
    {
        const PidFile file{path_};
        file.write();
        EXPECT_EQ(content(), std::to_string(::getpid()));
        struct stat status {};
        ::stat(path_.c_str(), &status);
        EXPECT_EQ(status.st_mode & 0777U, 0644U);
    }
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(PidFileTest, NamesTheOneThatHasIt) {
    const PidFile first{path_};
    first.write();
    EXPECT_THAT([&] { PidFile{path_}; }, ThrowsMessage<std::runtime_error>(
                                             HasSubstr("with pid " + std::to_string(::getpid()))));
    EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(PidFileTest, RefusesALink) {
    std::filesystem::create_symlink(folder_ / "elsewhere", path_);
    EXPECT_THAT([&] { PidFile{path_}; }, ThrowsMessage<std::runtime_error>(
                                             HasSubstr("is a symbolic link, which is refused")));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "elsewhere"));
}

/// The one before removes the file just when the next one has opened it.
TEST_F(PidFileTest, IsThereHoweverTheOneBeforeEnds) {
    std::atomic<int> lost = 0;
    const auto takeTurns = [&] {
        for (int had = 0; had < 2000;) try {
                const PidFile file{path_};
                if (!std::filesystem::exists(path_)) ++lost;
                ++had;
            } catch (const std::runtime_error&) {  // the other one has it
            }
    };
    std::thread other{takeTurns};
    takeTurns();
    other.join();
    EXPECT_EQ(lost, 0);
}

/// Starts a daemon as a shell does, with a child of its own that stays; returns what it wrote to
/// standard error, to the end, and leaves the pid of that child in `stays`.
std::string errorsOf(bool serves, pid_t& stays) {
    std::array<int, 2> errors{};
    std::array<int, 2> pids{};
    if (::pipe(errors.data()) != 0 || ::pipe(pids.data()) != 0) return "no pipe";
    if (::fork() == 0) {
        ::dup2(errors[1], STDERR_FILENO);
        for (const int each : {errors[0], errors[1], pids[0]}) ::close(each);
        HeldSignals signals;
        std::optional<Background> background{std::in_place, signals};
        const pid_t child = ::fork();
        if (child == 0) ::_exit(::execlp("sleep", "sleep", "60", nullptr));
        const bool told = ::write(pids[1], &child, sizeof child) == sizeof child;
        if (serves) background->ready();
        background.reset();
        ::_exit(told && ::write(STDERR_FILENO, "why", 3) == 3 ? 0 : 1);
    }
    ::close(errors[1]);
    const bool told = ::read(pids[0], &stays, sizeof stays) == sizeof stays;
    std::string text(16, '\0');
    ssize_t size = 0;
    std::string all = told ? "" : "no child";
    while ((size = ::read(errors[0], text.data(), text.size())) > 0)
        all.append(text, 0, static_cast<std::size_t>(size));
    for (const int each : {errors[0], pids[0], pids[1]}) ::close(each);
    return all;
}

TEST(Background, LeavesNoStreamOfTheStarterToAChild) {
    for (const bool serves : {true, false}) {
        pid_t stays = 0;
        EXPECT_EQ(errorsOf(serves, stays), serves ? "" : "why");
        EXPECT_EQ(::kill(stays, SIGKILL), 0) << "it had to be there all the while";
        ::wait(nullptr);
    }
}

TEST(StandardStreams, AreFilledWhereTheyAreClosed) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(STDIN_FILENO);
        ::close(STDERR_FILENO);
        fillStandardStreams();
        struct stat null {};
        struct stat opened {};
        ::stat("/dev/null", &null);
        bool filled = true;
        for (const int stream : {STDIN_FILENO, STDERR_FILENO})
            filled = filled && ::fstat(stream, &opened) == 0 && opened.st_rdev == null.st_rdev;
        ::_exit(filled ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace igd
