// SPDX-License-Identifier: GPL-2.0-or-later
#include "host_presence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace igd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const InterfaceName kLan = InterfaceName::parse("lan0").value();
const InterfaceName kOtherLan = InterfaceName::parse("lan1").value();
const IpAddress kConsole = Ipv4Address{0xc0a8010a};
const IpAddress kPhone = Ipv4Address{0xc0a8010b};
constexpr Seconds kDay{86400};

struct FakeNeighbours final : Neighbours {
    [[nodiscard]] std::optional<MacAddress> macOf(const InterfaceName& /*interface*/,
                                                  const IpAddress& /*host*/) const override {
        return std::nullopt;
    }
    [[nodiscard]] std::vector<Ipv4Address> ipv4Of(const InterfaceName& /*interface*/,
                                                  const MacAddress& /*mac*/) const override {
        return {};
    }
    void lookFor(const InterfaceName& interface, const IpAddress& host) override {
        asked.push_back({interface, host});
    }
    std::vector<HostPresence::Watched> asked;
};

class HostPresenceTest : public testing::Test {
protected:
    /// Calls it whenever it wants to be called, up to `end`.
    void runUntil(TimePoint end) {
        for (; next_ <= end; next_ = presence_.look(next_)) now_ = next_;
    }

    boost::asio::io_context loop_;
    FakeNeighbours neighbours_;
    std::vector<HostPresence::Watched> watched_;
    std::size_t rounds_ = 0;
    HostPresence presence_{loop_, neighbours_, [this] {
                               ++rounds_;
                               return watched_;
                           }};
    TimePoint now_{};
    TimePoint next_ = Clock::now();
};

TEST(HostPresence, ItsIntervalIsAQuarterWithinBounds) {
    EXPECT_EQ(HostPresence::interval(Seconds{600}), Seconds{150});
    EXPECT_EQ(HostPresence::interval(Seconds{8}), Seconds{5});
    EXPECT_EQ(HostPresence::interval(kDay), Seconds{3600});
}

TEST_F(HostPresenceTest, AsksForEachHostOnceARound) {
    watched_ = {{kLan, kConsole}, {kLan, kPhone}, {kLan, kConsole}, {kOtherLan, kConsole}};
    presence_.setTimeout(Seconds{600});
    const TimePoint start = Clock::now();
    runUntil(start + Seconds{100});
    EXPECT_THAT(neighbours_.asked, IsEmpty()) << "the first round is an interval away";
    runUntil(start + Seconds{200});
    std::ranges::sort(neighbours_.asked);
    EXPECT_THAT(neighbours_.asked, ElementsAre(HostPresence::Watched{kLan, kConsole},
                                               HostPresence::Watched{kLan, kPhone},
                                               HostPresence::Watched{kOtherLan, kConsole}));
    runUntil(start + Seconds{350});
    EXPECT_EQ(neighbours_.asked.size(), 6U);
}

TEST_F(HostPresenceTest, AsksFor32HostsASecondAtMost) {
    for (std::uint32_t host = 0; host < 1000; ++host)
        watched_.push_back({kLan, Ipv4Address{0x0a000000 + host}});
    presence_.setTimeout(Seconds{20});
    const TimePoint start = Clock::now() + Seconds{6};
    runUntil(start);
    for (int second = 1; second <= 30; ++second) {
        const std::size_t before = neighbours_.asked.size();
        runUntil(start + Seconds{second});
        EXPECT_LE(neighbours_.asked.size() - before, 32U) << second;
    }
    EXPECT_GT(neighbours_.asked.size(), 900U);
    EXPECT_EQ(rounds_, 1U) << "a round begins when the one before is over";
    runUntil(start + Seconds{60});
    EXPECT_EQ(rounds_, 2U);
}

TEST_F(HostPresenceTest, AHostThatLeftTheListIsNotAskedForAgain) {
    watched_ = {{kLan, kConsole}};
    presence_.setTimeout(Seconds{20});
    runUntil(Clock::now() + Seconds{7});
    EXPECT_EQ(neighbours_.asked.size(), 1U);
    watched_.clear();
    runUntil(Clock::now() + Seconds{100});
    EXPECT_EQ(neighbours_.asked.size(), 1U);
    EXPECT_GT(rounds_, 10U);
}

TEST_F(HostPresenceTest, NobodyIsAskedForWhereAbsenceDoesNotCount) {
    watched_ = {{kLan, kConsole}};
    presence_.setTimeout(std::nullopt);
    loop_.run();  // nothing is planned, so it ends
    presence_.setTimeout(Seconds{20});
    presence_.setTimeout(std::nullopt);
    loop_.restart();
    loop_.run();
    EXPECT_THAT(neighbours_.asked, IsEmpty());
}

}  // namespace
}  // namespace igd
