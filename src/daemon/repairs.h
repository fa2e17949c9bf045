// SPDX-License-Identifier: GPL-2.0-or-later
// Puts the mappings' rules back when somebody else took them out, tries again while the firewall refuses, and
// says so once.
#pragma once

#include "upnpd/firewall/watch.h"
#include "upnpd/portmap/port_mapper.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace igd {

class Repairs {
public:
    /// What is kept whole: how many of what, and how they are laid again.
    struct Subject {
        FirewallHealth& health;
        std::string noun;  ///< "mapping"
        std::function<std::size_t()> count;
        std::function<Result<void>(TimePoint)> repair;
        bool quietWhenNone = false;
    };
    Repairs(boost::asio::io_context& loop, Subject subject);

    /// Looks at the rules now, as after a change by somebody else.
    void look() { watch_.look(); }
    void stop();

    /// How often the rules were put back since the start.
    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    void damaged(const std::string& what);
    void repair(const std::string& what);
    void tryAgain(const std::string& what);
    void say(const std::string& what, TimePoint begin, TimePoint end);

    const Subject subject_;
    FirewallWatch watch_;
    boost::asio::steady_timer retry_;
    Seconds patience_;
    std::uint64_t count_ = 0;
    std::uint64_t unsaid_ = 0;  ///< since the last line in the log
    std::optional<TimePoint> said_;
};

}  // namespace igd
