// SPDX-License-Identifier: GPL-2.0-or-later
// Puts our rules back when somebody else has damaged them, and says so once.
#pragma once

#include "upnpd/firewall/watch.h"
#include "upnpd/portmap/error.h"
#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace igd {

class Repairs {
public:
    struct Parts {
        FirewallHealth& health;
        std::function<Result<void>(TimePoint)> repair;  ///< lays all rules again
        std::function<std::string()> describe;          ///< "3 mapping(s) and 1 pinhole(s)"
    };
    /// Opens the watch while the rights for that are there; throws std::system_error.
    Repairs(boost::asio::io_context& loop, Parts parts);

    /// Looks at the rules now, as after a change by somebody else.
    void look() { watch_.look(); }
    void stop();

    /// Returns how often the rules were put back since the start.
    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    void damaged(const std::string& what);
    void repair();
    void say(TimePoint begin, TimePoint end);

    Parts parts_;
    FirewallWatch watch_;
    boost::asio::steady_timer retry_;
    std::string damage_;
    Seconds pause_;
    bool stopped_ = false;
    std::uint64_t count_ = 0;
    std::uint64_t unsaid_ = 0;  ///< since the last line in the log
    std::optional<TimePoint> saidAt_;
};

}  // namespace igd
