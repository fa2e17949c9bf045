// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/supervisor/front_ends.h"

#include "front_end_process.h"

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
    forgetRetired();
    finishWhenAllEnded();
}

void FrontEnds::reportWhenAllStarted(const std::string& error) {
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

bool FrontEnds::listensOn(Port port) const {
    return std::ranges::any_of(frontEnds_,
                               [&](const auto& frontEnd) { return frontEnd->httpPort() == port; });
}

std::string FrontEnds::describe() const {
    std::string text;
    for (const auto& frontEnd : frontEnds_)
        text += (text.empty() ? "" : ", ") + frontEnd->describe();
    return text;
}

std::vector<Ipv6Prefix> FrontEnds::prefixes6() const {
    std::vector<Ipv6Prefix> all;
    for (const auto& frontEnd : frontEnds_)
        std::ranges::copy(frontEnd->prefixes6(), std::back_inserter(all));
    return all;
}

std::vector<FrontEnds::Served> FrontEnds::served() const {
    std::vector<Served> all;
    for (const auto& frontEnd : frontEnds_) all.push_back(frontEnd->served());
    return all;
}

void FrontEnds::stop(std::function<void()> done) {
    stopping_ = reported_ = true;
    done_ = std::move(done);
    for (const auto& frontEnd : frontEnds_) frontEnd->terminate();
    patience_.expires_after(kPatience);
    patience_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        log::warning("system: a front end does not end: it is killed");
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
