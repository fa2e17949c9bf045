// SPDX-License-Identifier: GPL-2.0-or-later
// Metrics as text: the format 0.0.4 of Prometheus, or OpenMetrics 1.0 for those who ask for it.
// Pure. The two differ in three things: OpenMetrics names a counter without "_total" in its HELP
// and TYPE, has a type for facts, and ends with "# EOF".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace igd {

enum class MetricsForm : std::uint8_t { Prometheus, OpenMetrics };

enum class MetricType : std::uint8_t {
    Gauge,
    Counter,    ///< its name ends with "_total"
    Histogram,  ///< its samples have buckets
    Info,       ///< a fact in labels, with the value 1; its name ends with "_info"
};

struct MetricLabel {
    std::string_view name;
    std::string value;
    bool operator==(const MetricLabel&) const = default;
};

/// Counts what was at most so large.
struct MetricBucket {
    double upperBound{};
    std::uint64_t count{};  ///< with what is in the smaller ones
};

struct MetricSample {
    std::vector<MetricLabel> labels;
    double value{};                       ///< of a histogram: the sum
    std::vector<MetricBucket> buckets{};  ///< of a histogram, in order, without that for the rest
    std::uint64_t count{};                ///< of a histogram: all
};

struct Metric {
    std::string_view name;
    MetricType type{};
    std::string_view help;  ///< a sentence without its full stop
    std::vector<MetricSample> samples;
};

/// Returns the text of `metrics`, in their order. One without samples is left out.
[[nodiscard]] std::string metricsText(const std::vector<Metric>& metrics, MetricsForm form);

}  // namespace igd
