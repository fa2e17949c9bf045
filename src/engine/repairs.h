// SPDX-License-Identifier: GPL-2.0-or-later
// Puts our rules back when somebody else has damaged them, and says so once.
#pragma once

#include "upnpd/portmap/error.h"
#include "upnpd/util/time.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace igd {

class Repairs {
public:
    struct Parts {
        std::function<Result<void>(TimePoint)> repair;  ///< lays all rules again
        std::function<std::string()> describe;          ///< "3 mapping(s) and 1 pinhole(s)"
        std::function<void(const std::string& damage)> repaired{};  ///< called after each repair
    };
    struct Pace {
        std::chrono::milliseconds firstRetry{1000};  ///< after a failure; twice as long each time
        std::chrono::milliseconds lastRetry{16000};
        /// From one line in the log to the next, which counts what came between: somebody may
        /// flush five times a second.
        std::chrono::milliseconds betweenLines{60'000};
    };
    Repairs(boost::asio::io_context& loop, Parts parts) : Repairs(loop, std::move(parts), Pace{}) {}
    Repairs(boost::asio::io_context& loop, Parts parts, Pace pace);

    /// Somebody has changed our rules: `what`, in words for the log. They are laid again, and again
    /// until the firewall takes them.
    void damaged(const std::string& what);
    void stop();

    /// Returns how often the rules were put back since the start.
    [[nodiscard]] std::uint64_t count() const { return count_; }
    struct Repair {
        TimePoint at;
        std::string damage;  ///< in words for the log
    };
    /// Returns the last one; nullopt: there was none.
    [[nodiscard]] const std::optional<Repair>& last() const { return last_; }
    /// Returns the damage that could not be repaired yet; nullopt: there is none.
    [[nodiscard]] std::optional<std::string> pending() const {
        return pending_ ? std::optional{damage_} : std::nullopt;
    }

private:
    void repair();
    void complain(TimePoint now);
    void say(TimePoint begin, TimePoint end);
    void planCount();

    Parts parts_;
    Pace pace_;
    boost::asio::steady_timer retry_;
    boost::asio::steady_timer sayCount_;
    std::string damage_;
    std::chrono::milliseconds pause_;
    bool stopped_ = false;
    bool pending_ = false;
    std::uint64_t count_ = 0;
    std::optional<Repair> last_;
    std::uint64_t unsaid_ = 0;  ///< since the last line in the log
    std::optional<TimePoint> saidAt_;
    std::optional<TimePoint> complainedAt_;
};

}  // namespace igd
