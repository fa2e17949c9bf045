// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/supervisor/front_ends.h"

#include "front_end_process.h"
#include "front_end_trial.h"

#include "upnpd/util/log.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace igd {
namespace {

/// A front end says byebye, which takes some milliseconds.
constexpr Seconds kPatience{5};

}  // namespace

struct FrontEnds::Trial {
    Trial(InterfaceName itsInterface, boost::asio::io_context& loop, FrontEndTrial::Parts parts)
        : interface(std::move(itsInterface)), process(loop, std::move(parts)) {}
    InterfaceName interface;
    FrontEndTrial process;
};

FrontEnds::FrontEnds(boost::asio::io_context& loop, const Interfaces& interfaces,
                     FrontEndHandlers handlers, StartHelper start, SupervisorTimes times)
    : loop_(loop),
      interfaces_(interfaces),
      handlers_(std::move(handlers)),
      start_(std::move(start)),
      times_(times),
      patience_(loop) {}

FrontEnds::~FrontEnds() {
    for (const auto& frontEnd : frontEnds_) frontEnd->kill();
}

void FrontEnds::start(const std::vector<InterfaceName>& internal) {
    serve(internal);
    reportWhenAllStarted("");
}

void FrontEnds::serve(const std::vector<InterfaceName>& internal) {
    for (const auto& frontEnd : frontEnds_)
        if (std::ranges::find(internal, frontEnd->interface()) == internal.end())
            frontEnd->retire();
    forgetRetired();
    for (const InterfaceName& name : internal)
        if (std::ranges::none_of(frontEnds_,
                                 [&](const auto& frontEnd) { return frontEnd->serves(name); }))
            frontEnds_.push_back(std::make_unique<FrontEnd>(*this, name));
    interfacesChanged();
}

void FrontEnds::replaceAll() {
    for (const auto& frontEnd : frontEnds_) frontEnd->terminate();
}

/// A front end that comes or goes has sockets that nobody knows of yet: they are waited for.
void FrontEnds::tryOut(const std::vector<InterfaceName>& internal,
                       std::function<std::string(const Lan&)> setup, Judged judged) {
    whenQuiet([this, internal, setup = std::move(setup), judged = std::move(judged)] {
        judged_ = judged;
        for (const InterfaceName& name : internal) startTrial(name, setup);
        finishTrialsSoon();
    });
}

void FrontEnds::whenQuiet(std::function<void()> then) {
    awaiting_.push_back(std::move(then));
    boost::asio::post(loop_, [this] { tellQuiet(); });
}

void FrontEnds::tellQuiet() {
    if (std::ranges::all_of(frontEnds_, [](const auto& frontEnd) { return frontEnd->isQuiet(); }))
        for (const auto& then : std::exchange(awaiting_, {})) then();
}

void FrontEnds::startTrial(const InterfaceName& name,
                           const std::function<std::string(const Lan&)>& setup) {
    const InterfaceState state = interfaces_.state(name);
    if (!state.isServable()) return;
    trials_.push_back(std::make_unique<Trial>(
        name, loop_,
        FrontEndTrial::Parts{.start =
                                 [this, name](UniqueFd channel) {
                                     return start_(Helper::FrontEnd, std::move(channel), name);
                                 },
                             .setup = setup(lanOf(name, state)),
                             .patience = times_.trial,
                             .over = [this] { finishTrialsSoon(); }}));
}

void FrontEnds::finishTrialsSoon() {
    boost::asio::post(loop_, [this] { finishTrials(); });
}

void FrontEnds::finishTrials() {
    if (!judged_ ||
        std::ranges::any_of(trials_, [](const auto& trial) { return trial->process.running(); }))
        return;
    std::vector<Objection> objections;
    for (const auto& trial : trials_) addObjections(*trial, objections);
    trials_.clear();
    std::exchange(judged_, nullptr)(objections);
}

void FrontEnds::addObjections(const Trial& trial, std::vector<Objection>& all) const {
    const auto& [problems, error] = trial.process.outcome();
    bool isExplained = error.empty();
    for (const SocketProblem& problem : problems) {
        isExplained = isExplained || problem.reason == error;
        if (!isKnown(problem.socket))
            all.push_back({trial.interface.text() + ": " + problem.reason, problem.socket});
    }
    if (!isExplained) all.push_back({trial.interface.text() + ": " + error});
}

/// Returns whether a front end has the socket, or would have it and says so.
bool FrontEnds::isKnown(const SocketName& socket) const {
    return std::ranges::any_of(frontEnds_, [&](const auto& frontEnd) {
        const Served served = frontEnd->served();
        return std::ranges::find(served.open, socket) != served.open.end() ||
               std::ranges::find(served.problems, socket, &SocketProblem::socket) !=
                   served.problems.end();
    });
}

/// A handler of theirs may be due already: they live until it is done.
void FrontEnds::forgetRetired() {
    const auto over =
        std::stable_partition(frontEnds_.begin(), frontEnds_.end(),
                              [](const auto& frontEnd) { return !frontEnd->isOver(); });
    if (over == frontEnds_.end()) return;
    const auto kept = std::make_shared<decltype(frontEnds_)>(
        std::make_move_iterator(over), std::make_move_iterator(frontEnds_.end()));
    frontEnds_.erase(over, frontEnds_.end());
    boost::asio::post(loop_, [kept] {});
}

void FrontEnds::interfacesChanged() {
    for (const auto& frontEnd : frontEnds_) frontEnd->reconcile();
}

void FrontEnds::childEnded() {
    for (const auto& frontEnd : frontEnds_) {
        const bool wasStarting = frontEnd->isStarting();
        if (frontEnd->reap())
            reportWhenAllStarted(wasStarting ? "a front end ended while it was starting" : "");
    }
    for (const auto& trial : trials_) trial->process.reap();
    forgetRetired();
    tellQuiet();
    finishWhenAllEnded();
}

void FrontEnds::reportWhenAllStarted(const std::string& error) {
    tellQuiet();
    if (reported_) return;
    const bool all =
        std::ranges::all_of(frontEnds_, [](const auto& frontEnd) { return frontEnd->settled(); });
    if (!all && error.empty()) return;
    reported_ = true;
    handlers_.allStarted(error);
}

void FrontEnds::broadcast(const GatewayStatus& status) {
    for (const auto& frontEnd : frontEnds_) frontEnd->send(ipc::StatusChanged{status});
}

void FrontEnds::mayAnswer(TimePoint until) {
    for (const auto& frontEnd : frontEnds_) frontEnd->send(ipc::MayAnswer{until});
}

void FrontEnds::setDebugMode(int debugMode) {
    for (const auto& frontEnd : frontEnds_)
        frontEnd->send(ipc::DebugMode{static_cast<std::uint8_t>(debugMode)});
}

bool FrontEnds::listensOn(Port port) const {
    return std::ranges::any_of(frontEnds_,
                               [&](const auto& frontEnd) { return frontEnd->httpPort() == port; });
}

std::string FrontEnds::describe() const {
    std::string text;
    for (const auto& frontEnd : frontEnds_)
        text += (text.empty() ? "" : ", ") + frontEnd->describe();
    return text.empty() ? "none yet" : text;
}

std::vector<Ipv6Prefix> FrontEnds::prefixes6() const {
    std::vector<Ipv6Prefix> all;
    for (const auto& frontEnd : frontEnds_)
        std::ranges::copy(frontEnd->prefixes6(), std::back_inserter(all));
    return all;
}

std::vector<FrontEnds::Served> FrontEnds::served() const {
    std::vector<Served> all;
    for (const auto& frontEnd : frontEnds_)
        if (!frontEnd->isGone()) all.push_back(frontEnd->served());
    return all;
}

void FrontEnds::stop(std::function<void()> done) {
    stopping_ = reported_ = true;
    done_ = std::move(done);
    judged_ = nullptr;
    awaiting_.clear();
    trials_.clear();
    for (const auto& frontEnd : frontEnds_) frontEnd->terminate();
    patience_.expires_after(kPatience);
    patience_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        log::error("system: a front end does not end: it is killed");
        for (const auto& frontEnd : frontEnds_) frontEnd->kill();
    });
    finishWhenAllEnded();
}

void FrontEnds::finishWhenAllEnded() {
    if (!done_ ||
        std::ranges::any_of(frontEnds_, [](const auto& frontEnd) { return frontEnd->isBusy(); }))
        return;
    patience_.cancel();
    const auto done = std::move(done_);
    done_ = nullptr;
    done();
}

}  // namespace igd
