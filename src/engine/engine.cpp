// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine.h"

#include "admin_requests.h"
#include "machine.h"

#include "upnpd/firewall/factory.h"
#include "upnpd/supervisor/front_end_setup.h"
#include "upnpd/system/confinement.h"

#include <algorithm>
#include <csignal>

#include <unistd.h>

namespace igd {
namespace {

constexpr std::chrono::milliseconds kBroadcastPause{50};

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

}  // namespace

Engine::Engine(Configuration configuration, std::function<LoadedConfiguration()> reread,
               log::Target logTarget, const Account& account, const ServiceManager& serviceManager)
    : configuration_(std::move(configuration)),
      reread_(std::move(reread)),
      identity_(identityOfThisMachine(configuration_)),
      logTarget_(logTarget),
      signals_(loop_, SIGTERM, SIGINT, SIGUSR1),
      interfaces_(loop_, [this] { interfacesChanged(); }),
      neighbours_(loop_, configuration_.internalInterfaces, *this),
      wan_(interfaces_, configuration_.externalInterface, bitRates(),
           configuration_.externalAddress),
      firewall_(openFirewall(configuration_.firewall())),
      clock_(loop_,
             [this] {
                 if (leases_) leases_->clockWasSet(Now::sample());
             }),
      mapper_(policy(),
              {*firewall_, *this, [this](const MappingKey& key) { return usedByRouter(key); },
               [this] { return configuration_.leaseForZero(std::chrono::system_clock::now()); }}),
      frontEnds_(
          loop_, interfaces_,
          {[this](std::span<const Asked> asked) { return answerAll(asked); },
           [this](const ipc::Request& request, const Lan& lan) { return answer(request, lan); },
           [this](const Lan& lan) { return setupFor(lan); },
           [this](const std::string& error) { started(error); }}),
      serviceManager_(serviceManager),
      report_(loop_, serviceManager, [this] { return statusLine(); }),
      expiry_(loop_),
      leaseRetry_(loop_),
      broadcast_(loop_) {
    interfaces_.followRoutes(configuration_.internalInterfaces);
    signals_.add(SIGCHLD);
    signals_.add(SIGHUP);
    signals_.add(SIGUSR2);
    openPinholes();
    portControl_.emplace(loop_, policy(),
                         PortControlParts{mapper_, pinholes_ ? &*pinholes_ : nullptr, wan_,
                                          configuration_.inboundPinholeAllowed});
    openRepairs();
    openControl();
    keepNetworkRights(account, hasNetRaw());
    confineEngine();
    wan_.refresh(Clock::now());
    (void)firewall_->externalAddressChanged(wan_.addresses());  // nothing is laid yet
    try {
        restoreLeases();
    } catch (...) {
        removeRules();
        throw;
    }
}

Policy Engine::policy() {
    return Policy{configuration_.policy,
                  [this](const InterfaceName& interface, const IpAddress& host) {
                      const auto known = neighbours_.macOf(interface, host);
                      if (!known) neighbours_.lookFor(interface, host);  // for when it asks again
                      return known;
                  }};
}

Engine::~Engine() {
    if (rulesLaid_) removeRules();
}

bool Engine::removeRules() {
    rulesLaid_ = false;
    const bool closed = !pinholes_ || pinholes_->stop();
    if (firewall_->removeAll() && closed) return true;
    log::error("firewall: rules are left in the kernel");
    return false;
}

/// Where the kernel has IPv6; PCP opens them, and version 2 of the gateway (IGD-Tree-11).
void Engine::openPinholes() {
    if (!configuration_.pinholes || ::access("/proc/net/if_inet6", F_OK) != 0) return;
    pinholes_.emplace(loop_, configuration_.firewall(), firewall_->name(), policy(),
                      static_cast<PinholeObserver&>(*this));
    identity_ = identity();
}

/// After everything else that speaks to the kernel's firewall: it has to know our own changes from
/// others'.
void Engine::openRepairs() {
    std::vector<Repairs::Subject> subjects{{firewall_.get(), "mapping",
                                            [this] { return mapper_.size(); },
                                            [this](TimePoint now) { return mapper_.repair(now); }}};
    if (pinholes_)
        subjects.push_back({&pinholes_->health(), "pinhole", [this] { return pinholes_->size(); },
                            [this](TimePoint now) { return pinholes_->repair(now); }, true});
    repairs_.emplace(loop_, std::move(subjects));
}

/// The mappings matter more than the view of them: without the socket the daemon does its work all
/// the same.
void Engine::openControl() {
    if (!configuration_.controlSocket) return;
    try {
        control_.emplace(
            loop_, *configuration_.controlSocket, [this](std::string_view request, bool mayChange) {
                return answerControl({mapper_, *repairs_, *firewall_, wan_, frontEnds_,
                                      pinholes_ ? &*pinholes_ : nullptr, [this] { return clear(); },
                                      [this] { return reload(); }, [this] { lookAgain(); }},
                                     request, mayChange);
            });
    } catch (const std::runtime_error& error) {
        log::warning("upnpctl will not reach this daemon: {}", error.what());
    }
}

int Engine::run(std::function<void()> ready) {
    ready_ = std::move(ready);
    awaitSignal();
    report_.start();
    frontEnds_.start(configuration_.internalInterfaces);
    if (pinholes_)
        (void)pinholes_->keepWithin(frontEnds_.prefixes6());  // it learns which are served
    askStun();
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
                describe(wan_.view()), frontEnds_.describe(), firewall_->name(),
                describe(configuration_));
    started_ = true;
    ready_();
}

GatewayStatus Engine::status() const {
    GatewayStatus status = wan_.status(Clock::now());
    status.serial = ++statusSerial_;
    status.mappingCount = static_cast<std::uint32_t>(mapper_.size());
    status.systemUpdateId = mapper_.updateId();
    status.epochStart = portControl_->epochStart();
    status.firewallEnabled = configuration_.ipv6FirewallEnabled;
    status.inboundPinholeAllowed = configuration_.inboundPinholeAllowed;
    return status;
}

std::string Engine::setupFor(const Lan& lan) const {
    return encode(FrontEndSetup{logTarget_,
                                configuration_.debugMode,
                                configuration_.upnp,
                                {lan, configuration_.httpPort, identity_, configuration_.limits},
                                configuration_.portControl(),
                                {wan_.external().told(), portControl_->epochStart()}});
}

bool Engine::usedByRouter(const MappingKey& key) const {
    if (key.protocol == Protocol::Tcp && frontEnds_.listensOn(key.externalPort))
        return true;  // IGD-Map-15
    return std::ranges::any_of(
        wan_.allAddresses(), [&](Ipv4Address address) { return localPorts_.inUse(key, address); });
}

/// Clients that were told of mappings are told that those are gone.
void Engine::loseState() {
    portControl_->beginEpoch();
    planBroadcast();
}

/// Once for all that happens within a moment: subscribers are told of the number of mappings every
/// 200 ms at most anyway, and a client that asks for hundreds does not pay for each.
void Engine::planBroadcast() {
    report_.changed();
    if (broadcastPlanned_ || stopping_) return;
    broadcastPlanned_ = true;
    broadcast_.expires_after(kBroadcastPause);
    broadcast_.async_wait([this](boost::system::error_code error) {
        broadcastPlanned_ = false;
        if (!error) frontEnds_.broadcast(status());
    });
}

void Engine::awaitSignal() {
    signals_.async_wait([this](boost::system::error_code error, int signal) {
        if (error) return;
        awaitSignal();
        handle(signal);
    });
}

void Engine::handle(int signal) {
    switch (signal) {
        case SIGCHLD:
            if (stun_) stun_->childEnded();
            return frontEnds_.childEnded();
        case SIGUSR1:
            if (!stopping_ && !clear())
                log::error("portmap: SIGUSR1: the firewall keeps its rules");
            return;
        case SIGUSR2:
            if (!stopping_) lookAgain();
            return;
        case SIGHUP:
            if (!stopping_) (void)reload();
            return;
        default:
            if (!stopping_) log::notice("stopping (signal {})", signal);
            return stop();
    }
}

Result<void> Engine::clear() {
    if (const auto cleared = mapper_.clear(Clock::now()); !cleared) return cleared;
    loseState();
    if (pinholes_ && !pinholes_->clear()) return fail(MappingError::Backend);
    return {};
}

/// The rules first: whatever becomes of the front ends, no mapping is reachable afterwards. The
/// leases stay in the file.
void Engine::stop() {
    if (stopping_) return;
    stopping_ = true;
    serviceManager_.stopping();
    report_.stopStatus();
    expiry_.cancel();
    leaseRetry_.cancel();
    broadcast_.cancel();
    interfaces_.stop();
    neighbours_.stop();
    clock_.stop();
    repairs_->stop();
    portControl_->stop();
    if (stun_) stun_->stop();
    control_.reset();
    if (!removeRules()) exitStatus_ = 1;
    frontEnds_.stop([this] { loop_.stop(); });
}

}  // namespace igd
