// SPDX-License-Identifier: GPL-2.0-or-later
// Puts our rules back when somebody else has damaged them, and says so once.
#pragma once

#include "upnpd/firewall/watch.h"
#include "upnpd/portmap/mapping.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace igd {

class Repairs {
public:
    /// Something of ours that is kept whole: how many of what, and how they are laid again.
    struct Subject {
        FirewallHealth* health;
        std::string noun;  ///< "mapping"
        std::function<std::size_t()> count;
        std::function<Result<void>(TimePoint)> repair;
        bool quietWhenNone = false;
    };
    /// One watch for all: it costs the same. Opens it while the rights for that are there; throws
    /// std::system_error.
    Repairs(boost::asio::io_context& loop, std::vector<Subject> subjects);

    /// Looks at the rules now, as after a change by somebody else.
    void look() { watch_.look(); }
    void stop();

    /// How often the rules were put back since the start.
    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    struct Watched {
        Subject subject;
        std::optional<std::string> damage{};
    };
    /// All of them as one.
    class Health final : public FirewallHealth {
    public:
        explicit Health(std::vector<Watched>& all) : all_(all) {}
        [[nodiscard]] std::optional<std::string> damage() override;
        [[nodiscard]] bool looksTouched() override;

    private:
        std::vector<Watched>& all_;
    };

    void damaged(const std::string& what);
    void repairAll();
    [[nodiscard]] bool repair(Watched& one);
    void tryAgain();
    void say(const Subject& subject, const std::string& what, TimePoint begin, TimePoint end);

    std::vector<Watched> watched_;
    Health health_;
    FirewallWatch watch_;
    boost::asio::steady_timer retry_;
    Seconds patience_;
    std::uint64_t count_ = 0;
    std::uint64_t unsaid_ = 0;  ///< since the last line in the log
    std::optional<TimePoint> said_;
};

}  // namespace igd
