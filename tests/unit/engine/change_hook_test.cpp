// SPDX-License-Identifier: GPL-2.0-or-later
#include "change_hook.h"

#include <gmock/gmock.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// Starts children that end at once, with the status that the test wants.
class ChangeHookTest : public testing::Test {
protected:
    pid_t start(const std::filesystem::path& program, const UniqueFd& input) {
        std::array<char, 4096> text{};
        const ssize_t size = ::read(input.get(), text.data(), text.size());
        if (fails_) throw std::system_error(EAGAIN, std::generic_category(), "fork");
        told_.push_back(program.string() + " " +
                        std::string{text.data(), static_cast<std::size_t>(size)});
        const pid_t child = ::fork();
        if (child == 0) ::_exit(status_);
        children_.push_back(child);
        return child;
    }
    /// Waits for the child that runs, and leaves its end for the hook to find.
    void endChild() {
        siginfo_t info{};
        ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(children_.back()), &info, WEXITED | WNOWAIT),
                  0);
        hook_.childEnded();
    }

    std::vector<std::string> told_;
    std::vector<pid_t> children_;
    int status_ = 0;
    bool fails_ = false;
    ChangeHook hook_{[this](const auto& program, UniqueFd input) { return start(program, input); }};
};

TEST_F(ChangeHookTest, WithoutAProgramNothingRuns) {
    hook_.tell({{"event", "granted"}});
    EXPECT_THAT(told_, IsEmpty());
}

TEST_F(ChangeHookTest, EachEventIsARunAndOneRunsAtATime) {
    hook_.set("/bin/x");
    hook_.tell({{"event", "granted"}});
    hook_.tell({{"event", "ended"}});
    EXPECT_THAT(told_, ElementsAre("/bin/x {\"event\":\"granted\"}\n"));
    endChild();
    EXPECT_THAT(told_, SizeIs(2));
    endChild();
    EXPECT_TRUE(hook_.isIdle());
}

TEST_F(ChangeHookTest, AChildOfAnotherPartIsNoEnd) {
    hook_.set("/bin/x");
    hook_.childEnded();
    EXPECT_TRUE(hook_.isIdle());
}

TEST_F(ChangeHookTest, TheOldestGiveWay) {
    hook_.set("/bin/x");
    for (std::size_t i = 0; i <= ChangeHook::kMostQueued + 1; ++i) hook_.tell(i);
    endChild();
    EXPECT_EQ(told_.back(), "/bin/x 2\n") << "1 was dropped";
}

TEST_F(ChangeHookTest, AFailureDoesNotStopTheOthers) {
    hook_.set("/bin/x");
    status_ = 3;
    hook_.tell(1);
    endChild();
    fails_ = true;
    hook_.tell(2);
    fails_ = false;
    hook_.tell(3);
    EXPECT_EQ(told_.back(), "/bin/x 3\n");
    endChild();
}

TEST_F(ChangeHookTest, TextThatIsNoUtf8IsMended) {
    hook_.set("/bin/x");
    hook_.tell({{"text", "\xff"}});
    EXPECT_THAT(told_, ElementsAre("/bin/x {\"text\":\"\xef\xbf\xbd\"}\n"));
    endChild();
}

TEST_F(ChangeHookTest, AReloadTellsAnotherProgramOrNone) {
    hook_.set("/bin/x");
    hook_.tell(1);
    hook_.tell(2);
    hook_.set("/bin/y");
    endChild();
    hook_.tell(3);
    EXPECT_EQ(told_.back(), "/bin/y 3\n") << "and not 2";
    endChild();
    hook_.stop();
    hook_.tell(4);
    EXPECT_TRUE(hook_.isIdle());
}

}  // namespace
}  // namespace igd
