// SPDX-License-Identifier: GPL-2.0-or-later
#include "problem_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::redis {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(ProblemText, SaysWhatToDo) {
    EXPECT_THAT(problemText("OOM command not allowed when used memory > 'maxmemory'."),
                StartsWith("it is full: raise its maxmemory"));
    EXPECT_THAT(problemText("NOPERM this user has no permissions"), HasSubstr("~upnpd:*"));
    EXPECT_THAT(problemText("READONLY You can't write"), HasSubstr("name its primary"));
    EXPECT_THAT(problemText("WRONGPASS invalid username-password pair"),
                HasSubstr("lease_store_login"));
}

TEST(ProblemText, QuotesWhatNobodyKnows) {
    const std::string text = problemText("ERR \x1b[1m\r\n" + std::string(5000, 'x'));
    EXPECT_THAT(text, StartsWith("it says \"ERR "));
    EXPECT_THAT(text, Not(HasSubstr("\n")));
    EXPECT_LT(text.size(), 250U);
}

}  // namespace
}  // namespace igd::redis
