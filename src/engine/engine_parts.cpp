// SPDX-License-Identifier: GPL-2.0-or-later
// This file joins the engine's parts: it says what each may ask of the others.
#include "allocation_lines.h"
#include "closing.h"
#include "engine.h"
#include "machine.h"
#include "outbound_timeout.h"
#include "page_approvals.h"
#include "reload_faults.h"

#include "upnpd/supervisor/front_end_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace igd {

RequestDispatcher::Parts Engine::dispatcherParts() {
    return {.openings = openings_,
            .hosts = hosts_,
            .busy = [this] { return firewall_->isBusy(); },
            .status = [this] { return reporter_.countedStatus(); },
            .outboundTimeout = [](Protocol protocol) { return conntrackTimeout(protocol); },
            .applied = [this] { openingsChanged(); },
            .show = [this](const GatewayRequest& request, const Host& requester) -> GatewayReply {
                const bool isAct = std::holds_alternative<CloseOpening>(request) ||
                                   std::holds_alternative<ApproveHost>(request);
                return isAct ? actOnPage(request) : showOnPage(request, requester);
            },
            .times = &times_};
}

ApprovalParts Engine::approvalParts() {
    return {approvals_, openings_, hostsOfLans_, [this] { return configuration_.approve; }};
}

GatewayReply Engine::showOnPage(const GatewayRequest& request, const Host& requester) {
    const TimePoint now = Clock::now();
    GatewayReply reply = answerToPeople(shownParts(), request, requester, now);
    const bool showsAll = configuration_.page == PageAccess::All && configuration_.policy.listAll;
    if (auto* const overview = std::get_if<Overview>(&reply))
        showWaiting(*overview, approvalParts(), names_, showsAll ? nullptr : &requester, now);
    return reply;
}

GatewayReply Engine::actOnPage(const GatewayRequest& request) {
    if (pageHash_.empty()) return MappingError::NotAuthorized;
    const TimePoint now = Clock::now();
    const auto* const closing = std::get_if<CloseOpening>(&request);
    GatewayReply reply = closing != nullptr
                             ? closeOpening(openings_, closing->id, now)
                             : judgeHost(approvalParts(), std::get<ApproveHost>(request), now);
    openingsChanged();
    return reply;
}

FrontEndHandlers Engine::frontEndHandlers() {
    return {.carryOut =
                [this](const ipc::Call& call, const Lan& lan, FrontEndHandlers::Answered answered) {
                    carryOut(call, lan, std::move(answered));
                },
            .setup = [this](const Lan& lan, std::uint32_t bootId) { return setupFor(lan, bootId); },
            .advertisement =
                [this](const Lan& lan, Port port, std::uint32_t bootId, bool byebye) {
                    noteBootId(bootId);
                    return encode(AdvertiserSetup{.logTarget = surroundings_.logTarget,
                                                  .debugMode = log_.debugMode(),
                                                  .lan = lan,
                                                  .httpPort = port,
                                                  .identity = identity_,
                                                  .bootId = bootId,
                                                  .byebye = byebye && !pair_});
                },
            .allStarted = [this](const std::string& error) { started(error); },
            .restarted = [this](const std::string& how) { events_.frontEndRestarted(how); }};
}

StatusReporter::Parts Engine::reporterParts() {
    return {.openings = openings_,
            .external = external_,
            .ipv6FirewallEnabled = [this] { return configuration_.ipv6FirewallEnabled; },
            .awaited =
                [this] {
                    auto awaited = configuration_.internalInterfaces;
                    std::erase_if(awaited, [this](const InterfaceName& name) {
                        return interfaces_.state(name).isServable();
                    });
                    return awaited;
                },
            .broadcast = [this](const GatewayStatus& status) { frontEnds_.broadcast(status); },
            .standsBy = [this] { return standsBy(); }};
}

Reloader::Parts Engine::reloaderParts() {
    return {.reread = [this] { return reread(); },
            .judge =
                [this](const Configuration& fresh) {
                    auto faults = faultsOf(fresh, configuration_, readHostFacts());
                    if (!fresh.policy.openNat.empty() && !firewall_->servesOpenNat())
                        faults.emplace_back(kOpenNatNeedsNftables);
                    return faults;
                },
            .tryOut = [this](const Configuration& fresh,
                             FrontEnds::Judged judged) { tryOut(fresh, std::move(judged)); },
            .enforce = [this](const Configuration& before) { return enforce(before); },
            .applied = [this](const Configuration& before) { applied(before); },
            .settle = [this](FrontEnds::Judged judged) { settle(std::move(judged)); }};
}

StatusParts Engine::statusParts() {
    return {.openings = openings_,
            .configuration = configuration_,
            .repairs = repairs_,
            .reloader = reloader_,
            .firewall = *firewall_,
            .external = external_,
            .served = [this] { return frontEnds_.served(); },
            .since = since_,
            .metrics = [this] { return metricsListener_.state(); },
            .above = [this] { return above_.view(); },
            .store = [this] { return kept_ ? std::optional{kept_->view()} : std::nullopt; },
            .role = [this]() -> std::string_view {
                if (!pair_) return "single";
                return pair_->isActive() ? "active" : "standby";
            }};
}

Metrics::Parts Engine::metricsParts() {
    return {
        .status = statusParts(),
        .events = events_,
        .times = times_,
        .counted = [this] { return reporter_.countedStatus(); },
        .traffic = [this](const Opening& opening) { return traffic_.of(opening, Clock::now()); }};
}

MetricsListener::Parts Engine::metricsListenerParts() {
    return {.interfaces = interfaces_,
            .host = readHostFacts,
            .piece =
                [this](const GetMetrics& request) { return metrics_.piece(request, Clock::now()); },
            .debugMode = [this] { return log_.debugMode(); },
            .restarted = [this](const std::string& how) { events_.frontEndRestarted(how); }};
}

HostNames::Parts Engine::nameParts() {
    return {.neighbours = neighbours_, .lans = lans_, .clients = [this] {
                return openings_.lists().clients();
            }};
}

ShownParts Engine::shownParts() {
    return {.status = statusParts(),
            .events = events_,
            .names = names_,
            .facts = [this](const Opening& opening) { return factsOf(opening); },
            .forwardsPackets = [] { return igd::forwardsPackets(); }};
}

OpeningFacts Engine::factsOf(const Opening& opening) {
    const IpAddress& client = opening.internal.address;
    OpeningFacts facts{.hostName = names_.nameOf(client),
                       .mac = names_.macOf(client),
                       .traffic = traffic_.of(opening, Clock::now())};
    if (opening.kind != OpeningKind::Peer)  // a client speaks first there
        facts.stoppedBy =
            firewall_->stops(opening.protocol, opening.externalPort, opening.internal);
    return facts;
}

AdminParts Engine::adminParts() {
    return {.status = statusParts(),
            .hosts = {.lans = lans_,
                      .resolve =
                          [this](const Lan& lan, const IpAddress& address) {
                              return hosts_.resolve(lan, address);
                          }},
            .events = events_,
            .metrics = metrics_,
            .approvals = approvals_,
            .names = names_,
            .facts = [this](const Opening& opening) { return factsOf(opening); },
            .log = log_,
            .clear = [this] { return clear(); },
            .reload = [this](const auto& done) { reload(done); },
            .lookAgain = [this] { lookAgain(); },
            .applied = [this] { openingsChanged(); },
            .pair = pairRequests()};
}

bool Engine::usedByRouter(const MappingKey& key) const {
    if (key.protocol == Protocol::Tcp && frontEnds_.listensOn(key.externalPort))
        return true;  // IGD-Map-15
    const auto isTaken = [&](Ipv4Address address) { return localPorts_.inUse(key, address); };
    // A mapping is to stay when another external interface comes into use.
    return std::ranges::any_of(external_.wan().allAddresses(), isTaken) ||
           std::ranges::any_of(uplinks_.others(), isTaken);
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

/// Each has its line, however many there are: nothing is left out as in lines that a client causes.
void Engine::logAllocation(const OpeningEvent& event) const {
    if (!configuration_.logAllocations) return;
    for (const auto& [text, subject] :
         allocationLines(event, external_.wan().external().told(), Clock::now(),
                         std::chrono::system_clock::now()))
        log::write(log::Level::Notice, text, subject);
}

/// The openings matter more than the view of them: without the socket file the daemon does its work
/// all the same, and upnpctl finds it by its place in the network namespace.
void Engine::openAdmin() {
    admin_.emplace(loop_, [this](std::string_view request, bool mayChange, const auto& answered) {
        answerAdmin(adminParts(), request, mayChange, answered);
    });
    admin_->listenOn(surroundings_.place.listener());
    if (!configuration_.controlSocket) return;
    try {
        admin_->listenAt(*configuration_.controlSocket);
    } catch (const std::runtime_error& error) {
        log::warning("upnpctl reaches this daemon in its own network namespace only: {}",
                     error.what());
    }
}

}  // namespace igd
