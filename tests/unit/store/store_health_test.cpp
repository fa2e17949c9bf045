// SPDX-License-Identifier: GPL-2.0-or-later
#include "store_health.h"

#include "upnpd/util/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace igd::store {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class StoreHealthTest : public testing::Test {
protected:
    StoreHealthTest() { log::open(log::Target::StandardError, 2); }

    template <class Step>
    static std::string saidBy(Step step) {
        testing::internal::CaptureStderr();
        step();
        return testing::internal::GetCapturedStderr();
    }

    StoreHealth health_{"redis://10.0.0.5:6379/0", false};
};

TEST_F(StoreHealthTest, IsSaidOnceWhateverGoesWrong) {
    EXPECT_THAT(saidBy([&] { health_.away("no answer"); }),
                HasSubstr("store: redis://10.0.0.5:6379/0: no answer: openings go on"));
    EXPECT_THAT(saidBy([&] { health_.away("it loads its data"); }), IsEmpty());
    EXPECT_EQ(health_.problem(), "it loads its data");
    health_.wrote(2);
    health_.wrote(3);
    EXPECT_THAT(saidBy([&] { health_.back(); }), HasSubstr("is back: 5 change(s) written"));
    EXPECT_FALSE(health_.isAway());
    EXPECT_THAT(saidBy([&] { health_.back(); }), IsEmpty());
    EXPECT_THAT(saidBy([&] { health_.away("again"); }), HasSubstr("again"));
    EXPECT_THAT(saidBy([&] { health_.back(); }), HasSubstr("is back: 0 change(s) written"));
}

TEST_F(StoreHealthTest, SaysOnceThatRowsAreWrong) {
    EXPECT_THAT(saidBy([&] { health_.bad(0); }), IsEmpty());
    EXPECT_THAT(saidBy([&] { health_.bad(3); }), HasSubstr("3 row(s)"));
    EXPECT_THAT(saidBy([&] { health_.bad(4); }), IsEmpty());
}

TEST_F(StoreHealthTest, IsSilentForAFirstLook) {
    StoreHealth silent{"x", true};
    EXPECT_THAT(saidBy([&] {
                    silent.away("no answer");
                    silent.bad(1);
                    silent.back();
                }),
                IsEmpty());
}

}  // namespace
}  // namespace igd::store
