// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics_listener.h"

#include "upnpd/ipc/call_checks.h"
#include "upnpd/supervisor/front_end_setup.h"
#include "upnpd/util/log.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace igd {
namespace {

const InterfaceName kLoopback = InterfaceName::parse("lo").value();
constexpr Ipv4Prefix kLoopbackNetwork{Ipv4Address{0x7f000001}, 8};

/// Returns whether the process is told the same in both, its interface apart.
bool isSame(const Configuration& one, const Configuration& other) {
    return one.metricsListen == other.metricsListen && one.limits == other.limits;
}

}  // namespace

InterfaceState MetricsListener::Places::state(const InterfaceName& name) const {
    InterfaceState state = all_.state(name);
    if (name == kLoopback && state.exists) state.addresses = {kLoopbackNetwork};
    return state;
}

MetricsListener::MetricsListener(boost::asio::io_context& loop, const Configuration& configuration,
                                 log::Target target, Parts parts, StartHelper start)
    : configuration_(configuration),
      target_(target),
      parts_(std::move(parts)),
      places_(parts_.interfaces),
      processes_(loop, places_, handlers(), std::move(start)) {}

FrontEndHandlers MetricsListener::handlers() {
    return {
        .carryOut =
            [this](const ipc::Call& call, const Lan&, const FrontEndHandlers::Answered& answer) {
                const auto* const asked = std::get_if<GetMetrics>(&call.request);
                if (asked == nullptr)
                    return answer(ipc::refusalOf(call.request, MappingError::NotAuthorized));
                answer(parts_.piece(*asked));
            },
        .setup = [this](const Lan& lan,
                        std::uint32_t) { return setupFor(configuration_, lan, false); },
        .advertisement = {},
        .allStarted = [](const std::string&) {},
        .restarted = parts_.restarted,
        .noun = "metrics process"};
}

std::string MetricsListener::setupFor(const Configuration& configuration, const Lan& lan,
                                      bool trial) const {
    return encode(FrontEndSetup{
        .logTarget = target_,
        .debugMode = parts_.debugMode(),
        .trial = trial,
        .metrics = configuration.metricsListen,
        .server = {.lan = lan, .httpPort = 0, .identity = {}, .limits = configuration.limits},
        .portControl = {},
        .status = {}});
}

/// Returns the interface that has the address; none: nobody is to listen, at present.
std::vector<InterfaceName> MetricsListener::placeOf(const Configuration& configuration) const {
    if (!configuration.metricsListen) return {};
    try {
        const HostFacts host = parts_.host();
        const HostInterface* const found = host.findHolder(configuration.metricsListen->address);
        if (found == nullptr || configuration.isExternal(found->name)) return {};
        return {found->name};
    } catch (const std::system_error& error) {
        log::error("system: nobody listens for metrics: {}", error.what());
        return {};
    }
}

void MetricsListener::serve() {
    processes_.serve(placeOf(configuration_));
}

void MetricsListener::interfacesChanged() {
    if (configuration_.metricsListen) serve();
}

void MetricsListener::tryOut(const Configuration& fresh, FrontEnds::Judged judged) {
    if (isSame(fresh, configuration_)) return judged({});
    processes_.tryOut(
        placeOf(fresh), [this, fresh](const Lan& lan) { return setupFor(fresh, lan, true); },
        std::move(judged));
}

void MetricsListener::applied(const Configuration& before) {
    if (isSame(before, configuration_)) return;
    const auto stays = [this](const FrontEnds::Served& each) {
        const auto place = placeOf(configuration_);
        return std::ranges::find(place, each.interface) != place.end();
    };
    const auto served = processes_.served();
    if (std::ranges::any_of(served, stays)) processes_.replaceAll();
    serve();
}

std::optional<MetricsListener::State> MetricsListener::state() const {
    if (!configuration_.metricsListen) return std::nullopt;
    State state{*configuration_.metricsListen};
    const auto served = processes_.served();
    if (served.empty()) {
        state.problem = "no interface has that address, or the external one does";
        return state;
    }
    const FrontEnds::Served& process = served.back();
    state.open = !process.open.empty();
    if (!process.problems.empty())
        state.problem = process.problems.front().reason;
    else if (!state.open)
        state.problem = process.waits;
    return state;
}

}  // namespace igd
