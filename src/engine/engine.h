// SPDX-License-Identifier: GPL-2.0-or-later
// The privileged process: one thread, one event loop. The engine is the list of its parts, and says
// who hears of what; each part does its own work.
#pragma once

#include "admin_requests.h"
#include "host_presence.h"
#include "host_resolver.h"
#include "lease_keeper.h"
#include "opening_timers.h"
#include "reloader.h"
#include "repairs.h"
#include "request_dispatcher.h"
#include "status_reporter.h"

#include "upnpd/admin/server.h"
#include "upnpd/config/settings.h"
#include "upnpd/engine/run.h"
#include "upnpd/external/external_connection.h"
#include "upnpd/firewall/watch.h"
#include "upnpd/portmap/openings.h"
#include "upnpd/supervisor/front_ends.h"
#include "upnpd/system/clock_watch.h"
#include "upnpd/system/interfaces.h"
#include "upnpd/system/local_ports.h"
#include "upnpd/system/neighbour_table.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <memory>
#include <optional>
#include <string>

namespace igd {

class Engine final : NeighbourObserver {
public:
    /// Opens everything that needs rights, becomes the account and gives the rights up, restores
    /// the leases into the kernel. Throws std::runtime_error with a sentence for the administrator
    /// when something is not to be had; the kernel is then as it was found.
    Engine(Configuration configuration, const EngineSurroundings& surroundings);
    ~Engine() override;

    /// Serves until SIGTERM or SIGINT. On return no rule of ours is left. Returns the exit status:
    /// 1 when the start failed.
    [[nodiscard]] int run();

    /// Returns why run() returned 1 before it was ready; empty otherwise.
    [[nodiscard]] const std::string& startError() const { return startError_; }

private:
    void neighbourFound(const InterfaceName& interface, const IpAddress& host,
                        const MacAddress& mac) override;
    void neighbourLost(const InterfaceName& interface, const IpAddress& host) override;

    [[nodiscard]] StatusReporter::Parts reporterParts();
    [[nodiscard]] RequestDispatcher::Parts dispatcherParts();
    [[nodiscard]] FrontEndHandlers frontEndHandlers();
    [[nodiscard]] Reloader::Parts reloaderParts();
    void openAdmin();
    void restoreLeases();

    [[nodiscard]] std::string setupFor(const Lan& lan, std::uint32_t bootId);
    [[nodiscard]] bool usedByRouter(const MappingKey& key) const;
    [[nodiscard]] DeviceIdentity identity() const;
    void lookAtLans();
    [[nodiscard]] std::vector<HostPresence::Watched> watchedHosts() const;
    [[nodiscard]] std::string describeOpenings() const;

    void interfacesChanged();
    void externalChanged();
    void tellExternal();
    [[nodiscard]] bool enforce();
    [[nodiscard]] Result<PolicyChange> changePolicy();
    void applied(const Configuration& before);
    [[nodiscard]] Reloaded reload();
    Result<void> clear();
    void loseState();
    void lookAgain();
    void started(const std::string& error);
    void awaitSignal();
    void handle(int signal);
    bool removeRules();
    void stop();

    boost::asio::io_context loop_{1};
    Configuration configuration_;
    const EngineSurroundings& surroundings_;
    boost::asio::signal_set signals_;
    InterfaceMonitor interfaces_;
    NeighbourTable neighbours_;
    LocalPorts localPorts_;
    ExternalConnection external_;
    std::unique_ptr<FirewallBackend> firewall_;
    LeaseKeeper leases_;
    ClockWatch clock_;
    Openings openings_;
    OpeningTimers timers_;
    HostResolver hosts_;
    HostPresence presence_;
    RequestDispatcher dispatcher_;
    FrontEnds frontEnds_;
    StatusReporter reporter_;
    Repairs repairs_;
    FirewallWatch watch_;
    Reloader reloader_;
    Lans lans_;  ///< as at the last look
    std::optional<ControlServer> admin_;
    DeviceIdentity identity_;
    std::string startError_;
    bool rulesLaid_ = false;
    bool started_ = false;
    bool stopping_ = false;
    int exitStatus_ = 0;
};

}  // namespace igd
