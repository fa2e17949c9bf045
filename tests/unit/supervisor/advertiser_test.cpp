// SPDX-License-Identifier: GPL-2.0-or-later
// Real processes stand for the advertiser's: they report as they are told to, and end when their
// channel is closed.
#include "advertiser.h"

#include "children.h"

#include "upnpd/ipc/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <system_error>

namespace igd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class AdvertiserTest : public testing::Test {
protected:
    enum class Does : std::uint8_t { Report, Fail, Die, Hang };

    pid_t launch(const UniqueFd& channel) {
        if (!startable_) throw std::system_error{EAGAIN, std::generic_category(), "fork"};
        starts_.push_back(Clock::now());
        const auto report =
            ipc::encode(ipc::ToEngine{ipc::Started{0, does_ == Does::Fail ? "no room" : ""}});
        return forked(channel.get(), [&, does = does_](int engine) {
            if (does == Does::Die) ::_exit(2);
            if (does == Does::Hang) waitForEver();
            if (::write(engine, report->data(), report->size()) < 0) ::_exit(3);
            waitForEnd(engine);
        });
    }
    void runUntil(const std::function<bool()>& condition) {
        igd::runUntil(loop_, condition, [this] { advertiser_.reap(); });
    }
    void runUntilReported(std::size_t count) {
        runUntil([&] { return reports_.size() >= count; });
    }

    boost::asio::io_context loop_;
    Does does_ = Does::Report;
    bool startable_ = true;
    std::vector<TimePoint> starts_;
    std::vector<bool> byebyes_;         ///< in each run's setup
    std::vector<std::string> reports_;  ///< from done
    Advertiser advertiser_{
        loop_,
        {.interval = 60ms, .jitter = 20ms, .patience = 200ms, .retry = 10ms, .longestRetry = 40ms},
        {.start = [this](const UniqueFd& channel) { return launch(channel); },
         .setup =
             [this](bool byebye) {
                 byebyes_.push_back(byebye);
                 return std::string{"setup"};
             },
         .done = [this](const std::string& error) { reports_.push_back(error); }}};
};

TEST_F(AdvertiserTest, AdvertisesAgainBeforeWhatItToldAges) {
    advertiser_.advertise(true);
    runUntilReported(3);
    EXPECT_THAT(reports_, ElementsAre("", "", ""));
    EXPECT_THAT(byebyes_, ElementsAre(true, false, false));
    for (std::size_t i = 1; i < starts_.size(); ++i) EXPECT_GE(starts_[i] - starts_[i - 1], 40ms);
}

TEST_F(AdvertiserTest, JoinsWhatIsWantedMeanwhile) {
    advertiser_.advertise(false);
    for (int i = 0; i < 5; ++i) advertiser_.advertise(false);
    runUntilReported(2);
    EXPECT_THAT(starts_, SizeIs(2));
    EXPECT_LT(starts_[1] - starts_[0], 10s) << "at once";
}

TEST_F(AdvertiserTest, WaitsLongerAfterEachFailure) {
    does_ = Does::Fail;
    advertiser_.advertise(true);
    runUntilReported(5);
    EXPECT_THAT(reports_, testing::Each("no room"));
    EXPECT_THAT(byebyes_, testing::Each(true)) << "it is not said yet";
    const std::chrono::milliseconds pauses[] = {10ms, 20ms, 40ms, 40ms};
    for (std::size_t i = 0; i < 4; ++i) EXPECT_GE(starts_[i + 1] - starts_[i], pauses[i]) << i;
    does_ = Does::Report;
    runUntil([this] { return reports_.back().empty(); });
}

TEST_F(AdvertiserTest, SaysWhenTheProcessDiesOrCannotBeStarted) {
    does_ = Does::Die;
    advertiser_.advertise(true);
    runUntilReported(1);
    EXPECT_EQ(reports_.front(), "its process ended early");
    startable_ = false;
    runUntilReported(2);
    EXPECT_THAT(reports_[1], testing::StartsWith("fork"));
}

TEST_F(AdvertiserTest, KillsAProcessThatDoesNotEnd) {
    does_ = Does::Hang;
    advertiser_.advertise(false);
    runUntilReported(1);
    EXPECT_EQ(reports_.front(), "its process does not end within 1 s");
}

TEST_F(AdvertiserTest, SaysNothingAfterItWasHalted) {
    does_ = Does::Hang;
    advertiser_.advertise(true);
    EXPECT_TRUE(advertiser_.running());
    advertiser_.halt();
    runUntil([this] { return !advertiser_.running(); });
    EXPECT_THAT(reports_, IsEmpty());
    loop_.restart();
    EXPECT_EQ(loop_.run_for(100ms), 0U) << "nothing is planned";
    EXPECT_THAT(starts_, SizeIs(1));
}

TEST_F(AdvertiserTest, BeginsAnewWhenItIsWantedBeforeTheHaltedRunHasEnded) {
    does_ = Does::Hang;
    advertiser_.advertise(false);
    advertiser_.halt();
    does_ = Does::Report;
    advertiser_.advertise(true);
    runUntilReported(1);
    EXPECT_THAT(reports_, ElementsAre(""));
    EXPECT_THAT(byebyes_, ElementsAre(false, true));
}

}  // namespace
}  // namespace igd
