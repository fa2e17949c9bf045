// SPDX-License-Identifier: GPL-2.0-or-later
// Ends the flows that lost their rule, behind the engine's back: the kernel's walk through its
// flows would hold up every answer to a deletion. A short-lived thread does it, one walk for all
// that came meanwhile; what is shared with it stands below the mutex. It is started when there is
// work and so has the rights of that moment.
#pragma once

#include "conntrack/conntrack.h"

#include "upnpd/portmap/firewall.h"

#include <mutex>
#include <span>
#include <thread>

namespace igd::firewall {

class FlowEnder {
public:
    FlowEnder() = default;
    FlowEnder(const FlowEnder&) = delete;
    FlowEnder& operator=(const FlowEnder&) = delete;
    /// Waits for the last walk.
    ~FlowEnder();

    /// The kernel has taken these rules. A renewal ends nothing.
    void applied(const RuleDelta& delta);
    void replaced(std::span<const Rule> rules);
    void removed() { replaced({}); }

private:
    /// The knowledge that a walk needs; in `live` are ports that are in `ended`, and no others.
    struct Work {
        Targets ended;
        Targets live;
    };
    void end(Work work);
    void start();
    void walk() noexcept;

    std::map<MappedPort, Target> live_;
    Conntrack conntrack_;  ///< the thread's, while it runs
    std::thread thread_;

    std::mutex mutex_;
    Work pending_;
    bool walking_ = false;
};

}  // namespace igd::firewall
