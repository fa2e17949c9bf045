// SPDX-License-Identifier: GPL-2.0-or-later
// The privileged process: one thread, one event loop. The engine is the list of its parts, and says
// who hears of what; each part does its own work.
#pragma once

#include "admin_approvals.h"
#include "admin_requests.h"
#include "approvals.h"
#include "change_hook.h"
#include "events.h"
#include "followed_leases.h"
#include "host_names.h"
#include "host_presence.h"
#include "host_resolver.h"
#include "kept_leases.h"
#include "lease_keeper.h"
#include "log_switch.h"
#include "metrics.h"
#include "metrics_listener.h"
#include "opening_facts.h"
#include "opening_rows.h"
#include "opening_timers.h"
#include "pair.h"
#include "pair_requests.h"
#include "reloader.h"
#include "repairs.h"
#include "request_dispatcher.h"
#include "request_times.h"
#include "status_reporter.h"
#include "traffic_counts.h"
#include "uplinks.h"

#include "upnpd/admin/server.h"
#include "upnpd/config/interface_finder.h"
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
#include "upnpd/system/virtual_addresses.h"
#include "upnpd/upstream/gateway_above.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

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
    [[nodiscard]] StatusParts statusParts();
    [[nodiscard]] Metrics::Parts metricsParts();
    [[nodiscard]] MetricsListener::Parts metricsListenerParts();
    [[nodiscard]] AdminParts adminParts();
    [[nodiscard]] HostNames::Parts nameParts();
    [[nodiscard]] GatewayAbove::Parts aboveParts();
    [[nodiscard]] ShownParts shownParts();
    [[nodiscard]] OpeningFacts factsOf(const Opening& opening);
    [[nodiscard]] ApprovalParts approvalParts();
    [[nodiscard]] GatewayReply showOnPage(const GatewayRequest& request, const Host& requester);
    [[nodiscard]] GatewayReply actOnPage(const GatewayRequest& request);
    [[nodiscard]] Pair::Parts pairParts();
    [[nodiscard]] PairParts pairRequests();
    void openAdmin();
    void restoreLeases();
    [[nodiscard]] std::vector<Opening> leasesOfEarlierRun();
    /// Reads the login of the store, while it may, and makes the store.
    void openStore();
    void restoreLate(const std::vector<Opening>& openings);
    /// Has those that are in the ledger kept, and returns how many they are.
    std::size_t keepRestored(const std::set<OpeningName>& names);
    void continueEpoch();
    [[nodiscard]] std::string toldAddress() const;
    void tellStore();
    void stopStore(std::function<void()> done);
    void joinPair();
    /// This router is one of a pair, and the other one answers.
    [[nodiscard]] bool standsBy() const { return pair_ && !pair_->isActive(); }
    [[nodiscard]] bool becomeActive(const Lead& lead);
    void becomeStandby();
    void storeWasRead();
    void copyLeases();
    void noteBootId(std::uint32_t bootId);
    void awaitTick();
    void carryOut(const ipc::Call& call, const Lan& lan, RequestDispatcher::Answered answered);
    [[nodiscard]] std::vector<InterfaceName> servedInterfaces() const;
    void letPeopleWatch();
    void logAllocation(const OpeningEvent& event) const;
    void followHook();

    [[nodiscard]] std::string setupFor(const Lan& lan, std::uint32_t bootId);
    [[nodiscard]] bool usedByRouter(const MappingKey& key) const;
    [[nodiscard]] static DeviceIdentity identityIn(const Configuration& configuration);
    void lookAtLans();
    [[nodiscard]] std::vector<HostPresence::Watched> watchedHosts() const;
    [[nodiscard]] std::string describeOpenings() const;

    void interfacesChanged();
    /// The host may have other interfaces now for what the configuration does not name, or another
    /// one to use of those that it names.
    void findInterfaces();
    void takeInterfaces();
    void lookAtUplinks();
    /// Returns the interface by which packets of `client` leave for the Internet; nullopt: routing
    /// does not say.
    [[nodiscard]] std::optional<InterfaceName> leavesBy(Ipv4Address client) const;
    void awaitUplink();
    void interfacesMoved(const Configuration& before);
    [[nodiscard]] LoadedConfiguration reread();
    void openingsChanged();
    void externalChanged();
    /// Tells the gateway above's client of the line as it is now.
    void lookAbove();
    void lostAbove(const MappingKey& key, const std::string& why);
    void tellExternal();
    void tryOut(const Configuration& fresh, FrontEnds::Judged judged);
    [[nodiscard]] bool takeSides(const Configuration& configuration);
    [[nodiscard]] bool enforce(const Configuration& before);
    [[nodiscard]] Result<PolicyChange> changePolicy();
    void applied(const Configuration& before);
    void settle(FrontEnds::Judged judged);
    void reload(Reloader::Done done);
    Result<void> clear();
    /// Puts the rules of all openings into the kernel again. Errors: Backend.
    Result<void> layRules(TimePoint now);
    void loseState();
    void lookAgain();
    void started(const std::string& error);
    void awaitSignal();
    void handle(int signal);
    bool removeRules();
    void stop();

    boost::asio::io_context loop_{1};
    const TimePoint since_ = Clock::now();
    Configuration configuration_;
    const EngineSurroundings& surroundings_;
    boost::asio::signal_set signals_;
    InterfaceFinder finder_;
    boost::asio::steady_timer uplinkHold_{loop_};
    InterfaceMonitor interfaces_;
    const VirtualAddresses shownInterfaces_{interfaces_, configuration_.virtualAddresses};
    NeighbourTable neighbours_;
    LocalPorts localPorts_;
    ExternalConnection external_;
    Uplinks uplinks_;
    std::unique_ptr<FirewallBackend> firewall_;
    LeaseKeeper leases_;
    std::optional<KeptLeases> kept_;  ///< nullopt: no store is named
    GatewayAbove above_;
    Events events_{leases_};
    Approvals approvals_{[this] { return configuration_.approve; }};
    ChangeHook hook_;
    ClockWatch clock_;
    Openings openings_;
    TrafficCounts traffic_;
    OpeningTimers timers_;
    Lans lans_;  ///< as at the last look
    HostNames names_;
    HostResolver hosts_;
    const HostsOfLans hostsOfLans_{lans_, [this](const Lan& lan, const IpAddress& address) {
                                       return hosts_.resolve(lan, address);
                                   }};
    HostPresence presence_;
    RequestTimes times_;
    RequestDispatcher dispatcher_;
    FrontEnds frontEnds_;
    LogSwitch log_;
    StatusReporter reporter_;
    Repairs repairs_;
    FirewallWatch watch_;
    Reloader reloader_;
    Metrics metrics_;
    MetricsListener metricsListener_;
    std::optional<Pair> pair_;  ///< nullopt: this router is alone
    boost::asio::steady_timer ticks_{loop_};
    std::vector<std::function<void()>> held_;  ///< calls that came while it is not known who leads
    std::optional<FollowedLeases> followed_;   ///< of a pair
    std::uint32_t bootId_ = 0;                 ///< the largest that was announced
    std::optional<ControlServer> admin_;
    DeviceIdentity identity_;
    std::string pageHash_;  ///< of the password of who acts on the page
    std::string startError_;
    bool hookListens_ = false;
    bool rulesLaid_ = false;
    bool started_ = false;
    bool stopping_ = false;
    int exitStatus_ = 0;
};

}  // namespace igd
