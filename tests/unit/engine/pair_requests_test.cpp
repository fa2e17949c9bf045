// SPDX-License-Identifier: GPL-2.0-or-later
#include "pair_requests.h"

#include <gmock/gmock.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PairRequestsTest : public testing::Test {
protected:
    std::string ask(bool toActive) {
        std::string said = "nothing yet";
        changeRole(parts_, toActive, [&](const auto& refusal) { said = refusal.value_or("done"); });
        return said;
    }

    bool standsBy_ = true;
    std::vector<std::string> done_;
    PairParts parts_{.standsBy = [this] { return standsBy_; },
                     .promote =
                         [this](const Pair::Promoted& promoted) {
                             done_.emplace_back("promote");
                             promoted("the firewall does not take the rules");
                         },
                     .demote = [this] { done_.emplace_back("demote"); }};
};

TEST_F(PairRequestsTest, ChangesAreForTheActiveOne) {
    for (const char* const word : {"add", "delete", "close", "clear", "approve", "unapprove"}) {
        standsBy_ = true;
        EXPECT_TRUE(isForTheOther(parts_, word)) << word;
        standsBy_ = false;
        EXPECT_FALSE(isForTheOther(parts_, word)) << word;
        EXPECT_FALSE(isForTheOther({}, word)) << word;
    }
    standsBy_ = true;
    for (const char* const word : {"status", "list", "log", "sync", "reload"})
        EXPECT_FALSE(isForTheOther(parts_, word)) << word;
}

TEST_F(PairRequestsTest, TheRoleIsChanged) {
    EXPECT_EQ(ask(true), "the firewall does not take the rules");
    EXPECT_EQ(ask(false), "done");
    EXPECT_THAT(done_, ElementsAre("promote", "demote"));
}

TEST_F(PairRequestsTest, ARouterThatIsAloneSaysHowItIsNot) {
    parts_ = {};
    EXPECT_THAT(ask(true), HasSubstr("role = pair"));
    EXPECT_THAT(ask(false), HasSubstr("role = pair"));
}

}  // namespace
}  // namespace igd
