// SPDX-License-Identifier: GPL-2.0-or-later
// The form of a line, where it goes, and at which debug_mode.
#include "upnpd/util/log.h"

#include "journal.h"
#include "temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd::log {
namespace {

using testing::HasSubstr;
using testing::Not;

class LogTest : public testing::Test {
protected:
    ~LogTest() override { open(Target::StandardError, 2); }

    [[nodiscard]] static std::string written(const std::function<void()>& action) {
        testing::internal::CaptureStderr();
        action();
        return testing::internal::GetCapturedStderr();
    }

    const TemporaryFolder folder_;
};

TEST_F(LogTest, EachLevelIsWrittenFromItsDebugModeOn) {
    constexpr std::array kLevels{std::pair{Level::Notice, 0},  std::pair{Level::Error, 0},
                                 std::pair{Level::Warning, 1}, std::pair{Level::Change, 1},
                                 std::pair{Level::Info, 2},    std::pair{Level::Debug, 3}};
    for (int mode = 0; mode <= kMostTalkative; ++mode) {
        setDebugMode(mode);
        for (const auto& [level, from] : kLevels)
            EXPECT_EQ(enabled(level), mode >= from) << mode << ", " << from;
    }
}

TEST_F(LogTest, ALineIsOneWhateverItHolds) {
    open(Target::StandardError, 2);
    EXPECT_EQ(written([] { error("a\nb {}", "\x7f"); }), "upnpd: error   a\\x0ab \\x7f\n");
    EXPECT_EQ(written([] { change("c"); }), "upnpd: notice  c\n");
    EXPECT_LT(written([] { error("{}", std::string(100'000, 'x')); }).size(), 10'000U);
}

/// Standard error is a stream to the journal, where systemd has started the service.
TEST_F(LogTest, AStreamToTheJournalHasPrioritiesAndNoName) {
    const auto path = folder_ / "stream";
    const pid_t child = ::fork();
    if (child == 0) {
        const int stream = ::open(path.c_str(), O_CREAT | O_WRONLY, 0600);
        ::dup2(stream, STDERR_FILENO);
        struct stat status {};
        ::fstat(stream, &status);
        ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", status.st_dev, status.st_ino).c_str(), 1);
        const bool found = targetFor(true) == Target::Journal && targetFor(false) == Target::Syslog;
        open(Target::StandardError, 2);
        error("it broke");
        info("granted");
        ::_exit(found ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    EXPECT_EQ(text.str(), "<3>it broke\n<6>granted\n");
    EXPECT_EQ(targetFor(true), Target::StandardError);
}

TEST(JournalTest, AnEntryHasFieldsForWhatItIsAbout) {
    EXPECT_EQ(journalEntry(6, "granted", {"192.168.1.10", 3074, "granted"}),
              "PRIORITY=6\nSYSLOG_IDENTIFIER=upnpd\nMESSAGE=granted\nUPNPD_CLIENT=192.168.1.10\n"
              "UPNPD_PORT=3074\nUPNPD_ACTION=granted\n");
    EXPECT_THAT(journalEntry(3, "it broke", {}), Not(HasSubstr("UPNPD_")));
}

TEST(JournalTest, SendsADatagramAndDoesNotWait) {
    const TemporaryFolder folder;
    const auto path = (folder / "socket").string();
    const Journal journal{path};
    EXPECT_FALSE(journal.write(3, "nobody is there", {}));
    const UniqueFd listener{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    EXPECT_TRUE(journal.write(3, "it broke", {}));
    std::array<char, 256> entry{};
    const ssize_t size = ::recv(listener.get(), entry.data(), entry.size(), MSG_DONTWAIT);
    ASSERT_GT(size, 0);
    EXPECT_THAT(std::string(entry.data(), static_cast<std::size_t>(size)),
                HasSubstr("MESSAGE=it broke\n"));
    int taken = 0;
    while (taken < 100'000 && journal.write(3, "more than it reads", {})) ++taken;
    EXPECT_LT(taken, 100'000) << "it says so when the journal takes no more";
}

TEST(JournalTest, AStreamIsKnownByItsNumbers) {
    struct stat status {};
    ASSERT_EQ(::fstat(STDERR_FILENO, &status), 0);
    EXPECT_TRUE(isJournalStream(STDERR_FILENO, fmt::format("{}:{}", status.st_dev, status.st_ino)));
    EXPECT_FALSE(isJournalStream(STDERR_FILENO, ""));
    EXPECT_FALSE(isJournalStream(STDERR_FILENO, "1:1"));
}

}  // namespace
}  // namespace igd::log
