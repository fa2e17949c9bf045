// SPDX-License-Identifier: GPL-2.0-or-later
#include "leases_above.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::above {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr MappingKey kKey{Protocol::Udp, Port{5000}};
constexpr MappingKey kOther{Protocol::Tcp, Port{80}};

/// It answers when the test says so.
struct FakeWay final : Way {
    [[nodiscard]] Upstream name() const override { return Upstream::Pcp; }
    void find(std::function<void(const PulseAnswer&)>) override {}
    void check(std::function<void(const PulseAnswer&)>) override {}
    void ask(const MappingKey& key, bool exactly,
             std::function<void(const WayAnswer&)> answered) override {
        asked.push_back(toString(key) + (exactly ? " exactly" : ""));
        waiting = std::move(answered);
    }
    void release(const MappingKey& key, std::function<void()> done) override {
        released.push_back(toString(key));
        done();
    }
    void answer(const WayAnswer& answer) { std::exchange(waiting, {})(answer); }
    std::vector<std::string> asked{};
    std::vector<std::string> released{};
    std::function<void(const WayAnswer&)> waiting{};
};

const WayAnswer kSilence = tl::unexpected{Denial{NotHeld::Why::Silence, "nothing"}};

class LeasesAboveTest : public testing::Test {
protected:
    LeasesAboveTest() { leases_.use(&way_); }
    void held(Seconds lease = Seconds{3600}) {
        leases_.hold(kKey, false);
        way_.answer(Grant{Port{5000}, lease});
    }
    void run(std::chrono::milliseconds time) {
        loop_.restart();
        loop_.run_for(time);
    }

    boost::asio::io_context loop_{1};
    FakeWay way_;
    std::vector<ToEngine> told_;
    int silent_ = 0;
    LeasesAbove leases_{loop_,
                        {.tell = [this](const ToEngine& each) { told_.push_back(each); },
                         .silent = [this] { ++silent_; }}};
};

TEST_F(LeasesAboveTest, APortIsAskedForAndGivenBack) {
    held();
    EXPECT_THAT(told_, ElementsAre(Held{Protocol::Udp, Port{5000}, Port{5000}, Seconds{3600}}));
    leases_.release(kKey);
    EXPECT_THAT(way_.released, ElementsAre("udp 5000"));
    leases_.release(kKey);
    EXPECT_THAT(way_.released, SizeIs(1));
}

TEST_F(LeasesAboveTest, AnotherPortGoesBack) {
    leases_.hold(kKey, false);
    way_.answer(Grant{Port{6000}, Seconds{60}});
    EXPECT_THAT(told_, ElementsAre(Held{Protocol::Udp, Port{5000}, Port{6000}, Seconds{60}}));
    EXPECT_THAT(way_.released, ElementsAre("udp 5000"));
}

TEST_F(LeasesAboveTest, ALeaseIsRenewedFromItsHalfOn) {
    held(Seconds{2});
    run(std::chrono::milliseconds{300});
    EXPECT_THAT(way_.asked, SizeIs(1));
    run(std::chrono::milliseconds{1500});
    EXPECT_THAT(way_.asked, SizeIs(2));
}

TEST_F(LeasesAboveTest, SilenceEndsNoLeaseAndIsSaidOfANewOne) {
    held();
    leases_.renewAll();
    way_.answer(kSilence);
    EXPECT_THAT(told_, SizeIs(1));
    EXPECT_EQ(silent_, 1);
    leases_.hold(kOther, false);
    way_.answer(kSilence);
    EXPECT_THAT(told_, SizeIs(2));
    leases_.renewAll();
    EXPECT_THAT(way_.asked,
                ElementsAre("udp 5000", "udp 5000 exactly", "tcp 80", "udp 5000 exactly"));
}

TEST_F(LeasesAboveTest, ARenewalThatIsRefusedIsTold) {
    held();
    leases_.renewAll();
    way_.answer(tl::unexpected{Denial{NotHeld::Why::OnePort, "taken"}});
    EXPECT_EQ(std::get<NotHeld>(told_.back()).reason, "taken");
    leases_.renewAll();
    EXPECT_THAT(way_.asked, SizeIs(2)) << "it is forgotten";
}

TEST_F(LeasesAboveTest, OneThatIsMappedIsAskedForOnceMore) {
    held();
    leases_.renewAll();
    way_.answer(Grant{Port{6000}, Seconds{60}});
    EXPECT_THAT(told_, SizeIs(1)) << "the gateway may have given our next port in its place";
    run(std::chrono::milliseconds{1800});
    EXPECT_THAT(way_.asked, SizeIs(3));
    way_.answer(Grant{Port{6000}, Seconds{60}});
    EXPECT_EQ(std::get<Held>(told_.back()).external, Port{6000});
    EXPECT_THAT(way_.released, ElementsAre("udp 5000", "udp 5000"));
}

TEST_F(LeasesAboveTest, WhatIsReleasedBeforeItsAnswerGoesBackAfterIt) {
    leases_.hold(kKey, false);
    leases_.release(kKey);
    EXPECT_THAT(way_.released, IsEmpty());
    way_.answer(Grant{Port{5000}, Seconds{60}});
    EXPECT_THAT(way_.released, ElementsAre("udp 5000"));
    EXPECT_THAT(told_, IsEmpty());
}

TEST_F(LeasesAboveTest, WhileTheGatewayIsGoneLeasesWait) {
    held();
    leases_.use(nullptr);
    leases_.hold(kOther, false);
    EXPECT_EQ(std::get<NotHeld>(told_.back()).why, NotHeld::Why::Silence);
    EXPECT_THAT(way_.asked, SizeIs(1));
    leases_.use(&way_);
    EXPECT_THAT(way_.asked, ElementsAre("udp 5000", "udp 5000 exactly"));
}

TEST_F(LeasesAboveTest, AllGoesBackAtTheEnd) {
    held();
    leases_.hold(kOther, false);
    bool done = false;
    leases_.releaseAll([&] { done = true; });
    EXPECT_TRUE(done);
    EXPECT_THAT(way_.released, ElementsAre("tcp 80", "udp 5000"));
    way_.answer(Grant{Port{80}, Seconds{60}});
    EXPECT_THAT(told_, SizeIs(1)) << "nobody hears any more";
}

}  // namespace
}  // namespace igd::above
