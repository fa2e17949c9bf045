// SPDX-License-Identifier: GPL-2.0-or-later
#include "ssdp/answer_delay.h"

#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCount = 11;

TEST(AnswerDelay, AUnicastSearchIsAnsweredAtOnce) {  // SSDP-MSEARCH-18
    for (const bool six : {false, true})
        for (const std::size_t place : {0U, 1U, 10U})
            EXPECT_EQ(answerDelay(0s, six, place, kCount), (AnswerDelay{0ms, 0ms}));
}

TEST(AnswerDelay, OneTargetIsAnsweredEarlyWhateverMxIs) {
    for (const auto within : {1s, 3s, 5s})
        EXPECT_EQ(answerDelay(within, false, 0, 1), (AnswerDelay{0ms, 80ms}));
}

TEST(AnswerDelay, AnswersOverIpv6ComeBehindThoseOverIpv4) {
    for (const auto within : {1s, 3s, 5s}) {
        const auto four = answerDelay(within, false, 0, 1);
        const auto six = answerDelay(within, true, 0, 1);
        EXPECT_EQ(six.least, four.least + kBehindIpv4);
        EXPECT_GT(six.least, four.most);
        EXPECT_LT(six.most, within);
    }
}

TEST(AnswerDelay, TheOthersFollowOneAnother) {  // SSDP-MSEARCH-16, -17
    for (const bool six : {false, true})
        for (const auto within : {1s, 2s, 5s}) {
            auto least = six ? kBehindIpv4 : 0ms;
            for (std::size_t place = 1; place < kCount; ++place) {
                const auto delay = answerDelay(within, six, place, kCount);
                EXPECT_EQ(delay.least, least);
                EXPECT_GT(delay.most, delay.least);
                least = delay.most;
            }
            EXPECT_EQ(least, within == 1s ? 500ms : 650ms);
        }
}

}  // namespace
}  // namespace igd::upnp
