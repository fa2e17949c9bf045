// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/retries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <system_error>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const SocketName kSearches{false, {Ipv4Address{0xc0a83201}, Port{1900}}};
const SocketName kGate{true, {Ipv4Address{0xc0a83201}, Port{49152}}};

class RetriesTest : public testing::Test {
protected:
    /// A socket that can be opened while `free_`.
    Retries::Open opening() {
        return [this] {
            ++attempts_;
            if (!free_) throw std::system_error{EADDRINUSE, std::generic_category(), "cannot hear"};
        };
    }
    void advance(Clock::duration by) {
        now_ += by;
        if (wake_ <= now_) {
            wake_ = TimePoint::max();
            retries_.attempt();
        }
    }

    TimePoint now_{100s};
    TimePoint wake_ = TimePoint::max();
    int attempts_ = 0;
    int changes_ = 0;
    bool free_ = false;
    Retries retries_{InterfaceName::parse("br-lan").value(),
                     {[this] { return now_; }, [this](TimePoint when) { wake_ = when; },
                      [this] { ++changes_; }}};
};

TEST_F(RetriesTest, WhatCanBeOpenedIsNoProblem) {
    free_ = true;
    EXPECT_FALSE(retries_.open(kSearches, opening()));
    EXPECT_THAT(retries_.problems(), IsEmpty());
    EXPECT_THAT(retries_.opened(), ElementsAre(kSearches));
    EXPECT_EQ(wake_, TimePoint::max());
    EXPECT_EQ(changes_, 1);
}

TEST_F(RetriesTest, WhatCannotBeOpenedIsTriedAgainUntilItCan) {
    EXPECT_EQ(retries_.open(kSearches, opening()), "cannot hear: Address already in use");
    EXPECT_THAT(retries_.problems(),
                ElementsAre(SocketProblem{kSearches, "cannot hear: Address already in use"}));
    EXPECT_THAT(retries_.opened(), IsEmpty());
    EXPECT_EQ(changes_, 1);
    advance(250ms);
    EXPECT_EQ(attempts_, 2);
    EXPECT_EQ(changes_, 1);
    free_ = true;
    advance(499ms);
    EXPECT_EQ(attempts_, 2);
    advance(1ms);
    EXPECT_EQ(attempts_, 3);
    EXPECT_THAT(retries_.problems(), IsEmpty());
    EXPECT_EQ(changes_, 2);
    EXPECT_EQ(wake_, TimePoint::max());
}

TEST_F(RetriesTest, TriesLessAndLessOften) {
    retries_.open(kSearches, opening());
    for (const auto pause : {250ms, 500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16000ms, 16000ms}) {
        EXPECT_EQ(wake_, now_ + pause);
        advance(pause);
    }
    EXPECT_EQ(attempts_, 9);
}

TEST_F(RetriesTest, EachHasItsOwnTime) {
    retries_.open(kSearches, opening());
    now_ += 100ms;
    retries_.open(kGate, opening());
    EXPECT_EQ(wake_, now_ + 150ms);
    advance(150ms);
    EXPECT_EQ(attempts_, 3);
    EXPECT_EQ(wake_, now_ + 100ms);
    EXPECT_THAT(retries_.problems(), SizeIs(2));
}

TEST_F(RetriesTest, AChangeTriesAllAtOnceAndForgetsWhatIsGone) {
    retries_.open(kSearches, opening());
    retries_.open(kGate, opening());
    free_ = true;
    retries_.keep([](const SocketName& name) { return name.tcp; });
    EXPECT_EQ(attempts_, 3);
    EXPECT_THAT(retries_.problems(), IsEmpty());
}

TEST_F(RetriesTest, WhatIsOpenAndNotWantedAnyMoreIsForgottenToo) {
    free_ = true;
    retries_.open(kSearches, opening());
    retries_.open(kGate, opening());
    retries_.keep([](const SocketName& name) { return name.tcp; });
    EXPECT_THAT(retries_.opened(), ElementsAre(kGate));
    EXPECT_EQ(changes_, 3);
    free_ = false;
    retries_.open(kGate, opening());
    EXPECT_THAT(retries_.opened(), IsEmpty()) << "it is another socket";
}

TEST_F(RetriesTest, ANewWayToOpenTakesThePlaceOfTheFormer) {
    retries_.open(kSearches, opening());
    EXPECT_FALSE(retries_.open(kSearches, [] {}));
    EXPECT_THAT(retries_.problems(), IsEmpty());
    advance(1h);
    EXPECT_EQ(attempts_, 1);
}

TEST_F(RetriesTest, WhatIsOpenedMayOpenOthers) {
    EXPECT_FALSE(retries_.open(kGate, [this] { retries_.open(kSearches, opening()); }));
    EXPECT_THAT(retries_.problems(), SizeIs(1));
    free_ = true;
    advance(250ms);
    EXPECT_THAT(retries_.problems(), IsEmpty());
}

TEST(SocketName, IsWrittenAsPeopleSayIt) {
    EXPECT_EQ(toString(kGate), "TCP port 49152 of 192.168.50.1");
    EXPECT_EQ(toString(SocketName{false, {*parseIpv6Address("ff02::c"), Port{1900}}}),
              "UDP port 1900 of ff02::c");
}

}  // namespace
}  // namespace igd
