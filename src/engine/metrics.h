// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers about the daemon for `upnpctl metrics` and for whoever reads `metrics_listen`. Labels
// have words of ours, protocols and external ports, never what clients write or an address, and the
// number of series is bounded: a host of the LAN cannot fill the memory of whoever keeps them.
#pragma once

#include "events.h"
#include "metrics_text.h"
#include "request_times.h"
#include "status_json.h"

#include "upnpd/portmap/opening_row.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace igd {

class Metrics {
public:
    /// Openings whose traffic is told: those with most bytes.
    static constexpr std::size_t kMostMappings = 100;

    struct Parts {
        StatusParts status;
        const Events& events;
        const RequestTimes& times;
        std::function<GatewayStatus()> counted;  ///< the status with fresh counts
        /// How much has gone through an opening; nullopt: it is not counted.
        std::function<std::optional<Traffic>(const Opening&)> traffic{};
    };
    explicit Metrics(Parts parts) : parts_(std::move(parts)) {}

    /// Returns all metrics at `now`.
    [[nodiscard]] std::string text(MetricsForm form, TimePoint now) const;

    /// Returns the piece of a text that a message to a front end has room for. From octet 0 on it
    /// is a new text, and later pieces are of that one: one reader at a time.
    [[nodiscard]] MetricsText piece(const GetMetrics& request, TimePoint now);

private:
    [[nodiscard]] std::vector<Metric> all(TimePoint now) const;
    static void addOpenings(std::vector<Metric>& all, const std::vector<Opening>& openings);
    void addEvents(std::vector<Metric>& all) const;
    void addHealth(std::vector<Metric>& all, TimePoint now) const;
    void addStore(std::vector<Metric>& all) const;
    void addExternal(std::vector<Metric>& all) const;
    void addQuota(std::vector<Metric>& all, const std::vector<Opening>& openings) const;
    void addTraffic(std::vector<Metric>& all, const std::vector<Opening>& openings) const;
    void addProcess(std::vector<Metric>& all, TimePoint now) const;

    const Parts parts_;
    std::string told_;  ///< the text of which pieces are told
};

}  // namespace igd
