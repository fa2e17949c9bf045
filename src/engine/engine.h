// SPDX-License-Identifier: GPL-2.0-or-later
// The privileged process: owns mapping table, firewall, lease file and the view of the interfaces,
// in one thread with one event loop; the front ends ask it for everything.
#pragma once

#include "pcp_service.h"
#include "pinhole_service.h"
#include "reload.h"
#include "repairs.h"

#include "upnpd/admin/server.h"
#include "upnpd/config/settings.h"
#include "upnpd/external/stun_query.h"
#include "upnpd/external/wan.h"
#include "upnpd/portmap/port_mapper.h"
#include "upnpd/supervisor/front_ends.h"
#include "upnpd/system/clock_watch.h"
#include "upnpd/system/interfaces.h"
#include "upnpd/system/lease_file.h"
#include "upnpd/system/local_ports.h"
#include "upnpd/system/neighbour_table.h"
#include "upnpd/system/privileges.h"
#include "upnpd/system/service_manager.h"
#include "upnpd/util/log.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace igd {

class Engine final : MappingObserver, PinholeObserver, NeighbourObserver {
public:
    /// Opens everything that needs rights, becomes `account` and gives the rights up, restores the
    /// leases into the kernel. Throws std::runtime_error with a sentence for the administrator when
    /// something is not to be had; the kernel is then as it was found. `reread` reads the
    /// configuration again, for SIGHUP.
    Engine(Configuration configuration, std::function<LoadedConfiguration()> reread,
           log::Target logTarget, const Account& account, const ServiceManager& serviceManager);
    ~Engine() override;

    /// Serves until SIGTERM or SIGINT; calls `ready` when the first front ends answer. Tells the
    /// service manager its status, that it lives and that it stops; that it is ready is for
    /// `ready`. On return no rule of ours is left. Returns the exit status: 1 when the start
    /// failed.
    [[nodiscard]] int run(std::function<void()> ready);

    /// Why run() returned 1 before it was ready; empty otherwise.
    [[nodiscard]] const std::string& startError() const { return startError_; }

private:
    void mappingStored(const Mapping& mapping) override;
    void mappingEnded(const Mapping& mapping) override;
    void mappingStored(const Ipv6Mapping& mapping) override;
    void mappingEnded(const Ipv6Mapping& mapping) override;
    void pinholeStored(const Pinhole& pinhole) override;
    void pinholeEnded(const Pinhole& pinhole) override;
    // The policy asks the table when it has to know.
    void neighbourFound(const InterfaceName& /*interface*/, const IpAddress& /*host*/,
                        const MacAddress& /*mac*/) override {}
    void neighbourLost(const InterfaceName& /*interface*/, const IpAddress& /*host*/) override {}

    [[nodiscard]] std::vector<ipc::Reply> answerAll(std::span<const Asked> asked);
    [[nodiscard]] ipc::Reply answer(const ipc::Request& request, const Lan& lan);
    [[nodiscard]] std::string setupFor(const Lan& lan) const;
    [[nodiscard]] bool usedByRouter(const MappingKey& key) const;
    [[nodiscard]] GatewayStatus status() const;
    [[nodiscard]] std::string statusLine() const;

    [[nodiscard]] Reloaded reload();
    [[nodiscard]] bool enforce();
    void serveOthers();
    [[nodiscard]] std::string toldFrontEnds() const;
    [[nodiscard]] Wan::BitRates bitRates() const;
    [[nodiscard]] DeviceIdentity identity() const;
    [[nodiscard]] Lans lans() const;

    [[nodiscard]] Policy policy();
    [[nodiscard]] Leases leased() const;
    void openPinholes();
    void openRepairs();
    void openControl();
    void restoreLeases();
    void retryLeases();
    bool removeRules();
    void started(const std::string& error);
    void interfacesChanged();
    void externalChanged();
    void changeExternalSetting();
    void tellOther(std::optional<Ipv4Address> before);
    void askStun();
    void stunHeard(const StunReport& report);
    void lookAgain();
    void loseState();
    Result<void> clear();
    void planBroadcast();
    void armExpiry();
    void endLeases();
    void awaitSignal();
    void handle(int signal);
    void stop();

    boost::asio::io_context loop_{1};
    Configuration configuration_;
    std::function<LoadedConfiguration()> reread_;
    DeviceIdentity identity_;
    log::Target logTarget_;
    boost::asio::signal_set signals_;
    InterfaceMonitor interfaces_;
    NeighbourTable neighbours_;
    LocalPorts localPorts_;
    Wan wan_;
    std::unique_ptr<FirewallBackend> firewall_;
    std::optional<LeaseFile> leases_;
    ClockWatch clock_;
    PortMapper mapper_;
    std::optional<Repairs> repairs_;
    std::optional<PinholeService> pinholes_;  ///< nullopt: there are none
    std::optional<PortControl> portControl_;
    std::optional<StunQuery> stun_;       ///< nullopt: nobody is asked
    std::optional<Ipv4Address> natSaid_;  ///< what natInFront() was last in the log of
    FrontEnds frontEnds_;
    std::optional<ControlServer> control_;
    const ServiceManager& serviceManager_;
    ServiceReport report_;
    boost::asio::steady_timer expiry_;
    boost::asio::steady_timer leaseRetry_;
    boost::asio::steady_timer broadcast_;
    std::optional<TimePoint> armedFor_;
    std::function<void()> ready_;
    std::string startError_;
    mutable std::uint64_t statusSerial_ = 0;
    bool rulesLaid_ = false;
    bool started_ = false;  ///< ready_ was called
    bool broadcastPlanned_ = false;
    bool stopping_ = false;
    int exitStatus_ = 0;
};

}  // namespace igd
