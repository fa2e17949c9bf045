// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine.h"

#include "machine.h"
#include "page_password.h"
#include "service_health.h"

#include "upnpd/firewall/factory.h"
#include "upnpd/supervisor/front_end_setup.h"
#include "upnpd/system/confinement.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace igd {
namespace {

/// Pinholes are served where the kernel has IPv6.
bool servesPinholes(const Configuration& configuration) {
    return configuration.pinholes && ::access("/proc/net/if_inet6", F_OK) == 0;
}

Wan::BitRates bitRates(const Configuration& configuration) {
    return {configuration.upstreamBitRate, configuration.downstreamBitRate};
}

FirewallConfig firewallConfig(const Configuration& configuration) {
    FirewallConfig config = configuration.firewall();
    config.pinholes = servesPinholes(configuration);
    config.openNat = openNatOf(configuration.policy);
    return config;
}

}  // namespace

Engine::Engine(Configuration configuration, const EngineSurroundings& surroundings)
    : configuration_(std::move(configuration)),
      surroundings_(surroundings),
      signals_(loop_, SIGTERM, SIGINT, SIGUSR1),
      interfaces_(loop_, [this] { interfacesChanged(); }),
      neighbours_(loop_, configuration_.internalInterfaces, *this),
      external_(loop_,
                Wan{interfaces_, configuration_.externalInterface, bitRates(configuration_),
                    configuration_.externalAddress},
                [this] { externalChanged(); }),
      uplinks_(interfaces_, [this](Ipv4Address client) { return leavesBy(client); }),
      firewall_(openFirewall(firewallConfig(configuration_))),
      leases_(loop_,
              [this] {
                  timers_.changed();
                  reporter_.changed();
              }),
      above_(loop_, configuration_.upstream, aboveParts()),
      clock_(loop_, [this] { leases_.clockWasSet(); }),
      openings_(
          Policy{configuration_.policy},
          {*firewall_, events_, [this](const MappingKey& key) { return usedByRouter(key); },
           [this] {
               return configuration_.defaultDuration.leaseAt(std::chrono::system_clock::now());
           },
           [this](const Asked& asked) { return approvals_.refuses(asked); }, &above_}),
      traffic_(openings_, *firewall_),
      timers_(loop_, openings_),
      names_(loop_, configuration_.hostNames, nameParts()),
      hosts_(loop_, neighbours_),
      presence_(loop_, neighbours_, [this] { return watchedHosts(); }),
      dispatcher_(loop_, dispatcherParts()),
      frontEnds_(loop_, shownInterfaces_, frontEndHandlers()),
      log_(loop_, configuration_.debugMode,
           [this](int mode) {
               frontEnds_.setDebugMode(mode);
               metricsListener_.setDebugMode(mode);
           }),
      reporter_(loop_, surroundings.serviceManager, reporterParts()),
      repairs_(loop_, {[this](TimePoint now) { return layRules(now); },
                       [this] { return describeOpenings(); },
                       [this](const std::string& damage) { events_.repaired(damage); }}),
      watch_(loop_, *firewall_, [this](const std::string& what) { repairs_.damaged(what); }),
      reloader_(configuration_, reloaderParts()),
      metrics_(metricsParts()),
      metricsListener_(loop_, configuration_, surroundings.logTarget, metricsListenerParts()),
      identity_(identityIn(configuration_)),
      pageHash_(readPageHash(configuration_.pagePassword)) {
    events_.alsoTell([this](const Opening& opening) { above_.stored(opening); },
                     [this](const Opening& opening) { above_.ended(opening); });
    events_.listenToOpenings([this](const OpeningEvent& event) { logAllocation(event); });
    events_.tellFacts([this](const Opening& opening) { return factsOf(opening); });
    for (const int signal : {SIGCHLD, SIGHUP, SIGUSR2}) signals_.add(signal);
    surroundings.listening();
    openAdmin();
    openStore();
    const auto frontEndUser = findFrontEndUser();
    keepNetworkRights(surroundings.account, hasNetRaw(), frontEndUser);
    confineEngine(frontEndUser,
                  configuration_.requireSeccomp ? Seccomp::Required : Seccomp::IfPossible);
    interfaces_.followRoutes(configuration_.internalInterfaces);
    external_.begin(Clock::now());
    (void)uplinks_.look(configuration_, external_.wan(), Clock::now());
    firewall_->sidesChanged(uplinks_.sides());
    tellExternal();
    letPeopleWatch();
    try {
        configuration_.isOfPair ? joinPair() : restoreLeases();
    } catch (...) {
        removeRules();
        throw;
    }
}

/// An approval is no lease: the file beside them outlasts every client.
void Engine::letPeopleWatch() {
    if (configuration_.leaseFile) approvals_.load(configuration_.leaseFile->string() + ".approved");
    events_.listenToRefusals(
        [this](const RefusalEvent& event) { approvals_.refused(event, Clock::now()); });
    followHook();
}

/// Without a program events are not made into JSON for it.
void Engine::followHook() {
    hook_.set(configuration_.onChange);
    if (!configuration_.onChange || std::exchange(hookListens_, true)) return;
    events_.listen([this](const nlohmann::json& event) {
        hook_.tell(event);
        hookListens_ = configuration_.onChange.has_value();
        return hookListens_;
    });
}

Engine::~Engine() {
    if (rulesLaid_) removeRules();
}

int Engine::run() {
    awaitSignal();
    reporter_.start();
    findInterfaces();
    frontEnds_.start(servedInterfaces());
    metricsListener_.start();
    (void)openings_.keepWithin(frontEnds_.prefixes6(), Clock::now());  // it learns which are served
    external_.ask();
    lookAbove();
    loop_.run();
    return exitStatus_;
}

void Engine::started(const std::string& error) {
    if (!error.empty()) {
        startError_ = error;
        exitStatus_ = 1;
        return stop();
    }
    log::notice("upnpd {}: external {}, internal {}, firewall {}, {}", UPNPD_VERSION,
                igd::describe(external_.wan().view()), frontEnds_.describe(), firewall_->name(),
                protocolsOf(configuration_, frontEnds_.served()));
    if (!forwardsPackets())
        log::warning(
            "system: IP forwarding is off: no mapped port is reached before `sysctl -w "
            "net.ipv4.ip_forward=1`");
    started_ = true;
    surroundings_.ready();
}

DeviceIdentity Engine::identityIn(const Configuration& configuration) {
    DeviceIdentity identity = identityOfThisMachine(configuration);
    identity.profile.pinholes =
        servesPinholes(configuration) && identity.profile.version == IgdVersion::Two;
    if (configuration.page == PageAccess::None && identity.presentationUrl == kOwnPage)
        identity.presentationUrl.clear();
    return identity;
}

/// Kept, so that no request reads netlink. Where an interface has no address of IPv4 its mappings
/// wait: one may come, and so may an interface that a pattern matches.
void Engine::lookAtLans() {
    lans_ = {{}, configuration_.internalPatterns.empty()};
    for (const InterfaceName& name : configuration_.internalInterfaces) {
        const InterfaceState state = interfaces_.state(name);
        if (!state.primary()) lans_.all = false;
        if (state.isServable()) lans_.present.push_back(lanOf(name, state));
    }
}

void Engine::neighbourFound(const InterfaceName& interface, const IpAddress& host,
                            const MacAddress&) {
    // By the interface: a link-local address is on link in each network.
    const auto lan = std::ranges::find(lans_.present, interface, &Lan::interface);
    if (lan == lans_.present.end() || !lan->isOnLink(host)) return;
    openings_.hostFound(*lan, hosts_.resolve(*lan, host), Clock::now());
    hosts_.hostFound(host);
}

void Engine::neighbourLost(const InterfaceName&, const IpAddress& host) {
    openings_.hostLost(host, Clock::now());
    timers_.changed();
}

void Engine::interfacesChanged() {
    findInterfaces();
    lookAtLans();
    external_.refresh(Clock::now());
    lookAtUplinks();
    lookAbove();
    frontEnds_.interfacesChanged();
    metricsListener_.interfacesChanged();
    reporter_.changed();
    const auto closed = openings_.keepWithin(frontEnds_.prefixes6(), Clock::now());
    if (closed && *closed) loseState();
}

void Engine::openingsChanged() {
    timers_.changed();
    reporter_.tellNow();
}

/// Rules first, then whoever is told (IWF-13).
void Engine::externalChanged() {
    const Wan& wan = external_.wan();
    log::change("system: external {}", igd::describe(wan.view()));
    events_.addressChanged(igd::describe(wan.view()));
    tellExternal();
    reporter_.changed();
}

/// Clients that were told of openings are told that those are gone.
void Engine::loseState() {
    external_.beginEpoch();
    tellStore();
    reporter_.changed();
}

void Engine::awaitSignal() {
    signals_.async_wait([this](boost::system::error_code error, int signal) {
        if (error) return;
        awaitSignal();
        handle(signal);
    });
}

void Engine::handle(int signal) {
    if (signal == SIGCHLD) {
        external_.childEnded();
        if (kept_) kept_->childEnded();
        above_.childEnded();
        hook_.childEnded();
        names_.childEnded();
        metricsListener_.childEnded();
        return frontEnds_.childEnded();
    }
    if (stopping_) return;
    switch (signal) {
        case SIGUSR1:
            if (!clear()) log::error("portmap: SIGUSR1: the firewall keeps its rules");
            return;
        case SIGUSR2:
            return lookAgain();
        case SIGHUP:
            return reload([](const Reloaded&) {});
        default:
            log::notice("stopping (signal {})", signal);
            return stop();
    }
}

/// The rules first: whatever becomes of the front ends, no opening is reachable afterwards. The
/// leases stay in the file.
void Engine::stop() {
    if (stopping_) return;
    stopping_ = true;
    surroundings_.serviceManager.stopping();
    reporter_.stop();
    hook_.stop();
    timers_.stop();
    if (standsBy()) copyLeases();
    leases_.stop();
    interfaces_.stop();
    uplinkHold_.cancel();
    neighbours_.stop();
    presence_.stop();
    hosts_.stop();
    names_.stop();
    dispatcher_.stop();
    clock_.stop();
    watch_.stop();
    repairs_.stop();
    log_.stop();
    external_.stop();
    ticks_.cancel();
    admin_.reset();
    if (!removeRules()) exitStatus_ = 1;
    if (pair_) pair_->leave();
    stopStore([this] {
        above_.stop([this] {
            frontEnds_.stop([this] { metricsListener_.stop([this] { loop_.stop(); }); });
        });
    });
}

}  // namespace igd
