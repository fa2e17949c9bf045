// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/external/stun_query.h"

#include "fake_stun.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const InterfaceName kExternalName = InterfaceName::parse("wan0").value();
const Ipv4Address kOwn{0x0a000002};  // 10.0.0.2
const StunQuery::Question kQuestion{kOwn, {"stun.example", Port{3478}}};
const StunQuery::Question kOther{kOwn, {"other.example", Port{3479}}};
const StunReport kAnswer{StunAnswer{{Ipv4Address{0x50010203}, Port{40000}}, Port{40000}}, ""};

class StunQueryTest : public testing::Test {
protected:
    void poll() {
        loop_.restart();
        loop_.poll();
    }
    /// The process that was started last is gone, and the engine hears of it.
    void childEnds() {
        stun_.reap();
        query_.childEnded();
    }

    boost::asio::io_context loop_{1};
    FakeStun stun_;
    std::vector<StunReport> heard_;
    StunQuery query_{loop_, kExternalName,
                     [this](const StunReport& report) { heard_.push_back(report); }, stun_.start()};
};

TEST_F(StunQueryTest, HearsTheAnswerOnce) {
    query_.ask(kQuestion);
    EXPECT_THAT(stun_.questions, ElementsAre("wan0 10.0.0.2 stun.example:3478"));
    stun_.report(kAnswer);
    stun_.report(kAnswer);
    EXPECT_THAT(heard_, IsEmpty()) << "never from within a call";
    poll();
    EXPECT_THAT(heard_, ElementsAre(kAnswer));
}

TEST_F(StunQueryTest, AsksAgainWithoutAWordOfTheEarlierQuestion) {
    query_.ask(kQuestion);
    stun_.report(kAnswer);
    query_.ask(kOther);
    poll();
    EXPECT_THAT(heard_, IsEmpty());
    EXPECT_THAT(stun_.questions, SizeIs(1)) << "one process at a time";
    childEnds();
    EXPECT_THAT(stun_.questions,
                ElementsAre("wan0 10.0.0.2 stun.example:3478", "wan0 10.0.0.2 other.example:3479"));
    stun_.report(kAnswer);
    poll();
    EXPECT_THAT(heard_, ElementsAre(kAnswer));
}

TEST_F(StunQueryTest, AProcessThatEndsWithoutAWordIsAFailure) {
    query_.ask(kQuestion);
    stun_.end();
    poll();
    ASSERT_THAT(heard_, SizeIs(1));
    EXPECT_FALSE(heard_.front().answer);
    EXPECT_EQ(heard_.front().error, "the process that asks it has ended");
}

TEST_F(StunQueryTest, NonsenseIsAFailure) {
    query_.ask(kQuestion);
    stun_.send({7, 7, 7});
    poll();
    ASSERT_THAT(heard_, SizeIs(1));
    EXPECT_EQ(heard_.front().error, "its answer makes no sense");
}

TEST_F(StunQueryTest, AProcessThatCannotBeStartedIsTriedAgainLater) {
    stun_.refuses = true;
    query_.ask(kQuestion);
    poll();
    EXPECT_THAT(stun_.questions, IsEmpty());
    stun_.refuses = false;
    EXPECT_FALSE(loop_.stopped()) << "a timer runs";
    query_.ask(kQuestion);
    EXPECT_THAT(stun_.questions, SizeIs(1));
}

TEST_F(StunQueryTest, IsSilentAfterStop) {
    query_.ask(kQuestion);
    stun_.report(kAnswer);
    query_.stop();
    poll();
    childEnds();
    poll();
    EXPECT_THAT(heard_, IsEmpty());
    EXPECT_THAT(stun_.questions, SizeIs(1));
    EXPECT_TRUE(loop_.stopped()) << "nothing waits";
}

}  // namespace
}  // namespace igd
