// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics_text.h"

#include <fmt/format.h>

#include <iterator>

namespace igd {
namespace {

constexpr std::string_view kTotal = "_total";
constexpr std::string_view kInfo = "_info";

std::string escaped(std::string_view text, bool quotes) {
    std::string result;
    for (const char each : text) {
        if (each == '\n')
            result += "\\n";
        else if (each == '\\' || (quotes && each == '"'))
            (result += '\\') += each;
        else
            result += each;
    }
    return result;
}

/// Returns the name of a metric where it is described, which in OpenMetrics is that of the family.
std::string_view familyOf(const Metric& metric, MetricsForm form) {
    std::string_view name = metric.name;
    if (form == MetricsForm::Prometheus) return name;
    if (metric.type == MetricType::Counter) name.remove_suffix(kTotal.size());
    if (metric.type == MetricType::Info) name.remove_suffix(kInfo.size());
    return name;
}

std::string_view typeName(MetricType type, MetricsForm form) {
    switch (type) {
        case MetricType::Gauge:
            return "gauge";
        case MetricType::Counter:
            return "counter";
        case MetricType::Histogram:
            return "histogram";
        case MetricType::Info:
            return form == MetricsForm::OpenMetrics ? "info" : "gauge";
    }
    return "";
}

std::string labelsText(const std::vector<MetricLabel>& labels) {
    if (labels.empty()) return "";
    std::string text = "{";
    for (const MetricLabel& each : labels)
        text += fmt::format("{}{}=\"{}\"", text.size() == 1 ? "" : ",", each.name,
                            escaped(each.value, true));
    return text + "}";
}

void addLine(std::string& text, std::string_view name, std::string_view suffix,
             const std::vector<MetricLabel>& labels, double value) {
    text += fmt::format("{}{}{} {}\n", name, suffix, labelsText(labels), value);
}

void addHistogram(std::string& text, std::string_view name, const MetricSample& sample) {
    std::vector<MetricLabel> labels = sample.labels;
    labels.push_back({"le", ""});
    for (const MetricBucket& each : sample.buckets) {
        // OpenMetrics wants a decimal point here.
        std::string bound = fmt::format("{}", each.upperBound);
        if (bound.find_first_of(".e") == std::string::npos) bound += ".0";
        labels.back().value = std::move(bound);
        addLine(text, name, "_bucket", labels, static_cast<double>(each.count));
    }
    labels.back().value = "+Inf";
    addLine(text, name, "_bucket", labels, static_cast<double>(sample.count));
    addLine(text, name, "_sum", sample.labels, sample.value);
    addLine(text, name, "_count", sample.labels, static_cast<double>(sample.count));
}

}  // namespace

std::string metricsText(const std::vector<Metric>& metrics, MetricsForm form) {
    std::string text;
    for (const Metric& metric : metrics) {
        if (metric.samples.empty()) continue;
        const std::string_view family = familyOf(metric, form);
        text += fmt::format("# HELP {} {}.\n# TYPE {} {}\n", family,
                            escaped(metric.help, form == MetricsForm::OpenMetrics), family,
                            typeName(metric.type, form));
        for (const MetricSample& sample : metric.samples)
            if (metric.type == MetricType::Histogram)
                addHistogram(text, metric.name, sample);
            else
                addLine(text, metric.name, "", sample.labels, sample.value);
    }
    if (form == MetricsForm::OpenMetrics) text += "# EOF\n";
    return text;
}

}  // namespace igd
