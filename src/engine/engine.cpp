// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine.h"

#include "machine.h"

#include "upnpd/firewall/factory.h"
#include "upnpd/supervisor/front_end_setup.h"
#include "upnpd/system/confinement.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <stdexcept>

#include <unistd.h>

namespace igd {
namespace {

/// "igd 2 (1 for Microsoft), nat-pmp, pcp"
std::string describe(const Configuration& configuration) {
    std::vector<std::string_view> protocols;
    if (configuration.upnp)
        protocols.emplace_back(configuration.identity.profile.version == IgdVersion::Two
                                   ? "igd 2 (1 for Microsoft)"
                                   : "igd 1");
    if (configuration.natPmp) protocols.emplace_back("nat-pmp");
    if (configuration.pcp) protocols.emplace_back("pcp");
    return protocols.empty() ? "no protocol" : fmt::format("{}", fmt::join(protocols, ", "));
}

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
      firewall_(openFirewall(firewallConfig(configuration_))),
      leases_(loop_,
              [this] {
                  timers_.changed();
                  reporter_.changed();
              }),
      clock_(loop_, [this] { leases_.clockWasSet(); }),
      openings_(
          Policy{configuration_.policy},
          {*firewall_, leases_, [this](const MappingKey& key) { return usedByRouter(key); },
           [this] {
               return configuration_.defaultDuration.leaseAt(std::chrono::system_clock::now());
           }}),
      timers_(loop_, openings_),
      hosts_(loop_, neighbours_),
      presence_(loop_, neighbours_, [this] { return watchedHosts(); }),
      dispatcher_(loop_, dispatcherParts()),
      frontEnds_(loop_, interfaces_, frontEndHandlers()),
      reporter_(loop_, surroundings.serviceManager, reporterParts()),
      repairs_(loop_, {[this](TimePoint now) { return openings_.repair(now); },
                       [this] { return describeOpenings(); }}),
      watch_(loop_, *firewall_, [this](const std::string& what) { repairs_.damaged(what); }),
      reloader_(configuration_, reloaderParts()),
      identity_(identity()) {
    for (const int signal : {SIGCHLD, SIGHUP, SIGUSR2}) signals_.add(signal);
    surroundings.listening();
    openAdmin();
    const auto frontEndUser = findFrontEndUser();
    keepNetworkRights(surroundings.account, hasNetRaw(), frontEndUser);
    confineEngine(frontEndUser,
                  configuration_.requireSeccomp ? Seccomp::Required : Seccomp::IfPossible);
    interfaces_.followRoutes(configuration_.internalInterfaces);
    external_.begin(Clock::now());
    tellExternal();
    try {
        restoreLeases();
    } catch (...) {
        removeRules();
        throw;
    }
}

Engine::~Engine() {
    if (rulesLaid_) removeRules();
}

void Engine::restoreLeases() {
    const TimePoint now = Clock::now();
    std::vector<Opening> restored = configuration_.staticMappings;  // first: they win
    if (configuration_.leaseFile)
        std::ranges::move(
            leases_.load(
                *configuration_.leaseFile, [this] { return openings_.lists().all(); },
                std::max(configuration_.policy.maxLease, configuration_.policy.pcpMaxLease)),
            std::back_inserter(restored));
    rulesLaid_ = true;
    if (!openings_.restore(restored, now))
        throw std::runtime_error(
            "the firewall does not take our rules (its reason is in the log; where it is about "
            "IPv6, ipv6_pinholes = no does without)");
    leases_.open();
    // The configuration may be another one than that under which they were made.
    if (!changePolicy()) log::error("portmap: what the configuration does not permit stays open");
    const std::size_t count = openings_.lists().size() - configuration_.staticMappings.size();
    if (count != 0) log::notice("portmap: {} opening(s) of an earlier run restored", count);
    timers_.changed();
    presence_.setTimeout(configuration_.policy.absentHostTimeout);
}

int Engine::run() {
    awaitSignal();
    reporter_.start();
    frontEnds_.start(configuration_.internalInterfaces);
    (void)openings_.keepWithin(frontEnds_.prefixes6(), Clock::now());  // it learns which are served
    external_.ask();
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
                describe(configuration_));
    started_ = true;
    surroundings_.ready();
}

DeviceIdentity Engine::identity() const {
    DeviceIdentity identity = identityOfThisMachine(configuration_);
    identity.profile.pinholes =
        servesPinholes(configuration_) && identity.profile.version == IgdVersion::Two;
    return identity;
}

bool Engine::usedByRouter(const MappingKey& key) const {
    if (key.protocol == Protocol::Tcp && frontEnds_.listensOn(key.externalPort))
        return true;  // IGD-Map-15
    const auto addresses = external_.wan().allAddresses();
    return std::ranges::any_of(
        addresses, [&](Ipv4Address address) { return localPorts_.inUse(key, address); });
}

/// Kept, so that no request reads netlink.
void Engine::lookAtLans() {
    lans_ = {{}, true};
    for (const InterfaceName& name : configuration_.internalInterfaces) {
        Lan lan = lanOf(name, interfaces_.state(name));
        if (lan.addresses.empty())
            lans_.all = false;
        else
            lans_.present.push_back(std::move(lan));
    }
}

std::vector<HostPresence::Watched> Engine::watchedHosts() const {
    std::vector<HostPresence::Watched> watched;
    for (const IpAddress& client : openings_.lists().clients())
        if (const Lan* const lan = lans_.of(client); lan != nullptr && lan->isOnLink(client))
            watched.push_back({lan->interface, client});
    return watched;
}

std::string Engine::describeOpenings() const {
    std::string text = fmt::format("{} mapping(s)", openings_.lists().count(OpeningKind::Mapping));
    const std::size_t pinholes = openings_.lists().count(OpeningKind::Pinhole);
    if (pinholes != 0) text += fmt::format(" and {} pinhole(s)", pinholes);
    return text;
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
    lookAtLans();
    external_.refresh(Clock::now());
    frontEnds_.interfacesChanged();
    reporter_.changed();
    const auto closed = openings_.keepWithin(frontEnds_.prefixes6(), Clock::now());
    if (closed && *closed) loseState();
}

/// Rules first, then whoever is told (IWF-13).
void Engine::externalChanged() {
    const Wan& wan = external_.wan();
    log::notice("system: external {}", igd::describe(wan.view()));
    tellExternal();
    reporter_.changed();
}

void Engine::tellExternal() {
    const Wan& wan = external_.wan();
    if (!firewall_->externalAddressChanged(wan.addresses()))
        log::error(
            "firewall: hosts on the LAN do not reach mapped ports at the external address now");
    openings_.changeExternal({wan.address(), wan.external().told()}, Clock::now());
}

/// SIGUSR2, `upnpctl sync`
void Engine::lookAgain() {
    watch_.look();
    external_.ask();
}

/// Clients that were told of openings are told that those are gone.
void Engine::loseState() {
    external_.beginEpoch();
    reporter_.changed();
}

Result<void> Engine::clear() {
    if (const auto cleared = openings_.clear(Clock::now()); !cleared) return cleared;
    loseState();
    return {};
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
            (void)reload();
            return;
        default:
            log::notice("stopping (signal {})", signal);
            return stop();
    }
}

bool Engine::removeRules() {
    rulesLaid_ = false;
    if (firewall_->removeAll()) return true;
    log::error("firewall: rules are left in the kernel");
    return false;
}

/// The rules first: whatever becomes of the front ends, no opening is reachable afterwards. The
/// leases stay in the file.
void Engine::stop() {
    if (stopping_) return;
    stopping_ = true;
    surroundings_.serviceManager.stopping();
    reporter_.stop();
    timers_.stop();
    leases_.stop();
    interfaces_.stop();
    neighbours_.stop();
    presence_.stop();
    hosts_.stop();
    dispatcher_.stop();
    clock_.stop();
    watch_.stop();
    repairs_.stop();
    external_.stop();
    admin_.reset();
    if (!removeRules()) exitStatus_ = 1;
    frontEnds_.stop([this] { loop_.stop(); });
}

}  // namespace igd
