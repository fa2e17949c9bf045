// SPDX-License-Identifier: GPL-2.0-or-later
#include "ssdp/answer_delay.h"

#include <gtest/gtest.h>

namespace igd::upnp {
namespace {

using namespace std::chrono_literals;

TEST(AnswerDelay, AUnicastSearchIsAnsweredAtOnce) {  // SSDP-MSEARCH-18
    for (const bool six : {false, true})
        for (const std::size_t place : {0U, 1U, 10U})
            EXPECT_EQ(answerDelay(0s, six, place), (AnswerDelay{0ms, 0ms}));
}

TEST(AnswerDelay, OneTargetIsAnsweredEarlyWhateverMxIs) {
    for (const auto within : {1s, 3s, 5s})
        EXPECT_EQ(answerDelay(within, false, 0), (AnswerDelay{0ms, 80ms}));
}

TEST(AnswerDelay, AnswersOverIpv6ComeBehindThoseOverIpv4) {
    for (const auto within : {1s, 3s, 5s}) {
        const auto four = answerDelay(within, false, 0);
        const auto six = answerDelay(within, true, 0);
        EXPECT_EQ(six.least, four.least + kBehindIpv4);
        EXPECT_GT(six.least, four.most);
        EXPECT_LT(six.most, within);
    }
}

TEST(AnswerDelay, TheOtherAnswersAreSpreadOverMx) {  // SSDP-MSEARCH-17
    EXPECT_EQ(answerDelay(3s, false, 1), (AnswerDelay{0ms, 2700ms}));
    EXPECT_EQ(answerDelay(5s, true, 10), (AnswerDelay{kBehindIpv4, 4500ms}));
}

TEST(AnswerDelay, AllAreWithinMxWithSomeTimeForTheWay) {  // SSDP-MSEARCH-16
    for (const bool six : {false, true})
        for (const std::size_t place : {0U, 1U, 10U})
            for (const auto within : {1s, 2s, 5s}) {
                const auto delay = answerDelay(within, six, place);
                EXPECT_LE(delay.least, delay.most);
                EXPECT_LE(delay.most, std::chrono::milliseconds{within} * 9 / 10);
            }
}

}  // namespace
}  // namespace igd::upnp
