// SPDX-License-Identifier: GPL-2.0-or-later
#include "log_switch.h"

#include "fakes.h"

#include "upnpd/util/log.h"

namespace igd {
namespace {

using testing::ElementsAre;

class LogSwitchTest : public LoopTest {
protected:
    LogSwitchTest() { log::setDebugMode(2); }
    ~LogSwitchTest() override { log::setDebugMode(2); }

    std::vector<int> told_;
    LogSwitch switch_{loop_, 2, [this](int mode) { told_.push_back(mode); }};
};

TEST_F(LogSwitchTest, HasTheConfigurationsAtFirst) {
    EXPECT_EQ(switch_.debugMode(), 2);
    switch_.configure(2);
    EXPECT_TRUE(told_.empty());
}

TEST_F(LogSwitchTest, IsSetUntilTheConfigurationChanges) {
    switch_.set(3, std::nullopt);
    EXPECT_TRUE(log::enabled(log::Level::Debug));
    switch_.configure(2);
    EXPECT_EQ(switch_.debugMode(), 3) << "nothing has changed there";
    switch_.configure(0);
    EXPECT_FALSE(log::enabled(log::Level::Warning));
    EXPECT_THAT(told_, ElementsAre(3, 0));
    EXPECT_TRUE(isIdle());
}

TEST_F(LogSwitchTest, IsSetForAWhile) {
    switch_.set(3, Seconds{1});
    switch_.set(0, Seconds{1});
    runUntil([this] { return switch_.debugMode() == 2; });
    EXPECT_THAT(told_, ElementsAre(3, 0, 2));
    EXPECT_TRUE(log::enabled(log::Level::Info));
}

TEST_F(LogSwitchTest, ChangesNothingAfterStop) {
    switch_.set(3, Seconds{1});
    switch_.stop();
    runFor(std::chrono::milliseconds{10});
    EXPECT_TRUE(isIdle());
    EXPECT_EQ(switch_.debugMode(), 3);
}

}  // namespace
}  // namespace igd
