// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics_text.h"

#include <gtest/gtest.h>

namespace igd {
namespace {

std::string prometheus(const std::vector<Metric>& metrics) {
    return metricsText(metrics, MetricsForm::Prometheus);
}
std::string openMetrics(const std::vector<Metric>& metrics) {
    return metricsText(metrics, MetricsForm::OpenMetrics);
}

TEST(MetricsText, SaysNameTypeAndValue) {
    EXPECT_EQ(prometheus({{"up", MetricType::Gauge, "Whether it is up", {{{}, 1}}}}),
              "# HELP up Whether it is up.\n# TYPE up gauge\nup 1\n");
}

TEST(MetricsText, HasASampleForEachSetOfLabels) {
    const Metric ends{"ended_total",
                      MetricType::Counter,
                      "Ends",
                      {{{{"cause", "client"}, {"via", "pcp"}}, 3}, {{{"cause", "expired"}}, 0}}};
    EXPECT_EQ(prometheus({ends}),
              "# HELP ended_total Ends.\n# TYPE ended_total counter\n"
              "ended_total{cause=\"client\",via=\"pcp\"} 3\nended_total{cause=\"expired\"} 0\n");
    EXPECT_EQ(prometheus({{"none_total", MetricType::Counter, "None", {}}}), "");
}

TEST(MetricsText, CountsBucketsUpToInfinity) {
    const Metric times{"took_seconds",
                       MetricType::Histogram,
                       "Times",
                       {{{{"via", "igd"}}, 1.5, {{0.001, 2}, {1, 3}}, 4}}};
    EXPECT_EQ(prometheus({times}),
              "# HELP took_seconds Times.\n# TYPE took_seconds histogram\n"
              "took_seconds_bucket{via=\"igd\",le=\"0.001\"} 2\n"
              "took_seconds_bucket{via=\"igd\",le=\"1.0\"} 3\n"
              "took_seconds_bucket{via=\"igd\",le=\"+Inf\"} 4\n"
              "took_seconds_sum{via=\"igd\"} 1.5\ntook_seconds_count{via=\"igd\"} 4\n");
}

TEST(MetricsText, OpenMetricsNamesFamiliesAndEnds) {
    EXPECT_EQ(openMetrics({{"ended_total", MetricType::Counter, "Ends", {{{}, 3}}},
                           {"build_info", MetricType::Info, "Build", {{{{"version", "1"}}, 1}}}}),
              "# HELP ended Ends.\n# TYPE ended counter\nended_total 3\n"
              "# HELP build Build.\n# TYPE build info\nbuild_info{version=\"1\"} 1\n# EOF\n");
    EXPECT_EQ(openMetrics({}), "# EOF\n");
    EXPECT_EQ(prometheus({{"build_info", MetricType::Info, "Build", {{{}, 1}}}}),
              "# HELP build_info Build.\n# TYPE build_info gauge\nbuild_info 1\n");
}

TEST(MetricsText, EscapesWhatWouldEndALabelOrALine) {
    EXPECT_EQ(prometheus({{"x", MetricType::Gauge, "a \"b\"\\\n", {{{{"l", "a\"b\\c\nd"}}, 1}}}}),
              "# HELP x a \"b\"\\\\\\n.\n# TYPE x gauge\nx{l=\"a\\\"b\\\\c\\nd\"} 1\n");
    EXPECT_EQ(openMetrics({{"x", MetricType::Gauge, "\"", {{{}, 1}}}}),
              "# HELP x \\\".\n# TYPE x gauge\nx 1\n# EOF\n");
}

TEST(MetricsText, WritesLargeCountsAndFractions) {
    EXPECT_EQ(prometheus({{"x", MetricType::Gauge, "X", {{{}, 1234567890123.0}, {{}, 0.25}}}}),
              "# HELP x X.\n# TYPE x gauge\nx 1234567890123\nx 0.25\n");
}

}  // namespace
}  // namespace igd
