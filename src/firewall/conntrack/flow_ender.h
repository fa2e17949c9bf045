// SPDX-License-Identifier: GPL-2.0-or-later
// Ends the flows that lost their rule, those that answers to them begin anew, and those to the
// router itself that keep packets away from a new mapping, behind the engine's back: the kernel's
// walk through its flows would hold up every answer. A short-lived thread does it, one walk for all
// that came meanwhile; what is shared with it stands below the mutex. It is started when there is
// work and so has the rights of that moment.
#pragma once

#include "conntrack/conntrack.h"

#include "upnpd/portmap/firewall.h"
#include "upnpd/util/time.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <thread>
#include <vector>

namespace igd::firewall {

class FlowEnder {
public:
    FlowEnder() = default;
    FlowEnder(const FlowEnder&) = delete;
    FlowEnder& operator=(const FlowEnder&) = delete;
    /// Waits for the last walk.
    ~FlowEnder();

    /// The kernel has taken these rules. A renewal ends nothing; neither do flows of PEER.
    void applied(const RuleDelta& delta);
    /// Flows of rules that have ended may have begun anew. Those of rules that stand now live on.
    void endAgain(std::span<const Rule> rules);
    void replaced(std::span<const Rule> rules);
    void removed() { replaced({}); }
    /// The rules are gone here alone, and another router has their flows.
    void forget() { live_.clear(); }
    /// The external addresses are those: there the router itself gets what nobody has mapped. Flows
    /// to others that were so end, but for the time without any.
    void externalAddressesAre(std::span<const Ipv4Address> addresses);

private:
    /// For flows that the client's answers have begun anew.
    struct Looks {
        TimePoint next;
        int left = 0;
    };

    void add(const Rule& rule, FlowWork& work);
    void end(FlowWork work);
    void merge(FlowWork work);
    void start();
    void walk() noexcept;
    void rest(Clock::duration time);
    void awaitWork();
    void awaitAnswers(const std::set<FlowEnds>& orphans);
    bool takeWork(FlowWork& work);

    Targets live_;
    std::vector<EntryPort> changed_;  ///< ports of live_ that pending_ does not know yet
    std::vector<Ipv4Address> external_;
    std::vector<Ipv4Address> lastExternal_;  ///< the last ones that there were
    Conntrack conntrack_;                    ///< the thread's, while it runs
    std::map<FlowEnds, Looks> answered_;     ///< likewise
    std::thread thread_;

    std::mutex mutex_;
    std::condition_variable hurry_;
    bool ending_ = false;
    FlowWork pending_;
    bool walking_ = false;
};

}  // namespace igd::firewall
