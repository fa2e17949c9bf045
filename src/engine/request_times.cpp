// SPDX-License-Identifier: GPL-2.0-or-later
#include "request_times.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace igd {
namespace {

double secondsIn(Clock::duration time) {
    return std::chrono::duration<double>{time}.count();
}

}  // namespace

void RequestTimes::took(Origin via, Clock::duration time) {
    Times& times = times_.at(static_cast<std::size_t>(via));
    ++times.all;
    times.sum += time;
    const auto* const bound = std::ranges::lower_bound(kBounds, secondsIn(time));
    if (bound != kBounds.end())
        ++times.counts.at(static_cast<std::size_t>(bound - kBounds.begin()));
}

std::vector<MetricSample> RequestTimes::samples() const {
    std::vector<MetricSample> samples;
    for (std::size_t via = 0; via < times_.size(); ++via) {
        const Times& times = times_.at(via);
        MetricSample sample{.labels = {{"via", std::string{name(static_cast<Origin>(via))}}},
                            .value = secondsIn(times.sum),
                            .count = times.all};
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < kBounds.size(); ++i)
            sample.buckets.push_back({kBounds.at(i), sum += times.counts.at(i)});
        samples.push_back(std::move(sample));
    }
    return samples;
}

}  // namespace igd
