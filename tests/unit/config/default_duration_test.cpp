// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/default_duration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace igd {
namespace {

using testing::Eq;
using testing::Optional;
using namespace std::chrono_literals;

/// Fixes the zone: Central Europe with its summer time.
class LocalTime : public testing::Test {
protected:
    void SetUp() override {
        ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
        ::tzset();
    }
    void TearDown() override {
        ::unsetenv("TZ");
        ::tzset();
    }
    static std::chrono::system_clock::time_point at(int month, int day, int hour, int minute,
                                                    int second = 0) {
        std::tm local{};
        local.tm_year = 126;
        local.tm_mon = month - 1;
        local.tm_mday = day;
        local.tm_hour = hour;
        local.tm_min = minute;
        local.tm_sec = second;
        local.tm_isdst = -1;
        return std::chrono::system_clock::from_time_t(std::mktime(&local));
    }
    static std::optional<Seconds> lease(std::string_view text,
                                        std::chrono::system_clock::time_point now) {
        const auto duration = DefaultDuration::parse(text);
        return duration ? duration->leaseAt(now) : Seconds{-1};
    }
};

TEST_F(LocalTime, ZeroIsForEver) {
    EXPECT_THAT(lease("0", at(5, 4, 12, 0)), Eq(std::nullopt));
    EXPECT_THAT(DefaultDuration{}.leaseAt(at(5, 4, 12, 0)), Eq(std::nullopt));
}

TEST_F(LocalTime, SpansCountFromTheGrant) {
    EXPECT_THAT(lease("86400", at(5, 4, 12, 0)), Optional(Eq(86400s)));
    EXPECT_THAT(lease("02:30", at(5, 4, 12, 0)), Optional(Eq(9000s)));
    EXPECT_THAT(lease("2:30", at(5, 4, 12, 0)),
                Optional(Eq(9000s)));  // linux-igd took this for 2 seconds
}

TEST_F(LocalTime, TimeOfDayIsTodaysWhileItIsAheadByAMinute) {
    EXPECT_THAT(lease("@22:00", at(5, 4, 21, 0)), Optional(Eq(3600s)));
    EXPECT_THAT(lease("@22:00", at(5, 4, 21, 59)), Optional(Eq(60s)));
    EXPECT_THAT(lease("@22:00", at(5, 4, 21, 59, 1)), Optional(Eq(Seconds{59} + 24h)));
    EXPECT_THAT(lease("@22:00", at(5, 4, 23, 0)), Optional(Eq(23h)));
    EXPECT_THAT(lease("@00:00", at(5, 4, 23, 0)), Optional(Eq(1h)));
    EXPECT_THAT(lease("@3600", at(5, 4, 0, 30)), Optional(Eq(30min)));
}

TEST_F(LocalTime, ADayOfSummerTimesChangeIsAnHourShorterOrLonger) {
    EXPECT_THAT(lease("@12:00", at(3, 28, 13, 0)), Optional(Eq(22h)));
    EXPECT_THAT(lease("@12:00", at(10, 24, 13, 0)), Optional(Eq(24h)));
}

TEST(DefaultDuration, RefusesWhatIsNoDuration) {
    for (const char* text : {"", "-1", "1h", "12:60", "123:00", ":30", "2:3", "2:300", "@24:00",
                             "@", "@86400", "99999999999", " 5", "5 ", "1:2:3"})
        EXPECT_EQ(DefaultDuration::parse(text), std::nullopt) << text;
}

}  // namespace
}  // namespace igd
