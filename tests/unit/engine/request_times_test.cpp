// SPDX-License-Identifier: GPL-2.0-or-later
#include "request_times.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace igd {
namespace {

using namespace std::chrono_literals;

/// Returns how many of `via` took at most `bound` seconds.
std::uint64_t upTo(double bound, const RequestTimes& times, Origin via = Origin::Igd) {
    const MetricSample sample = times.samples().at(static_cast<std::size_t>(via));
    const auto found = std::ranges::find(sample.buckets, bound, &MetricBucket::upperBound);
    return found == sample.buckets.end() ? UINT64_MAX : found->count;
}

TEST(RequestTimes, CountsEachTimeInItsBucketAndAllLargerOnes) {
    RequestTimes times;
    times.took(Origin::Igd, 200us);
    times.took(Origin::Igd, 1ms);
    times.took(Origin::Igd, 30ms);
    times.took(Origin::Igd, 5s);
    EXPECT_EQ(upTo(0.001, times), 2U) << "a bound is in its bucket";
    EXPECT_EQ(upTo(0.025, times), 2U);
    EXPECT_EQ(upTo(0.05, times), 3U);
    EXPECT_EQ(upTo(1, times), 3U);
    const MetricSample all = times.samples().front();
    EXPECT_EQ(all.count, 4U);
    EXPECT_DOUBLE_EQ(all.value, 5.0312);
}

TEST(RequestTimes, KeepsProtocolsApart) {
    RequestTimes times;
    times.took(Origin::Pcp, 1ms);
    const auto samples = times.samples();
    ASSERT_EQ(samples.size(), 3U);
    EXPECT_EQ(samples[0].labels, (std::vector<MetricLabel>{{"via", "igd"}}));
    EXPECT_EQ(samples[1].labels, (std::vector<MetricLabel>{{"via", "nat-pmp"}}));
    EXPECT_EQ(samples[2].labels, (std::vector<MetricLabel>{{"via", "pcp"}}));
    EXPECT_EQ(samples[0].count, 0U);
    EXPECT_EQ(upTo(0.001, times, Origin::Pcp), 1U);
}

}  // namespace
}  // namespace igd
