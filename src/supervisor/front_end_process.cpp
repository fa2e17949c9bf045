// SPDX-License-Identifier: GPL-2.0-or-later
#include "front_end_process.h"

#include "upnpd/ipc/call_checks.h"
#include "upnpd/system/child_process.h"
#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <system_error>
#include <utility>

namespace igd {
namespace {

constexpr std::chrono::milliseconds kFirstPause{100};
constexpr std::chrono::milliseconds kLongestPause{5000};
/// A front end that lived that long was well: the next pause is the shortest again.
constexpr Seconds kWell{30};
/// Calls of one front end that the engine has in hand. A front end that has not been taken over
/// does not have as many.
constexpr std::size_t kMostCalls = 1024;

/// "192.168.1.1/24, 192.168.2.1/24"
std::string listed(const Lan& lan) {
    std::string text;
    for (const Ipv4Prefix& each : lan.addresses)
        text += (text.empty() ? "" : ", ") + toString(each);
    return text.empty() ? "no address" : text;
}

std::chrono::milliseconds pauseAfter(unsigned failures) {
    return std::min(kFirstPause * (1U << std::min(failures, 8U)), kLongestPause);
}

}  // namespace

pid_t startFrontEnd(UniqueFd channel, const InterfaceName& interface) {
    return startChild(std::move(channel), {kFrontEndArgument, interface.text()});
}

FrontEnds::FrontEnd::FrontEnd(FrontEnds& owner, InterfaceName interface)
    : owner_(owner), interface_(std::move(interface)), restart_(owner.loop_) {}

void FrontEnds::FrontEnd::reconcile() {
    const InterfaceState state = owner_.interfaces_.state(interface_);
    if (running()) {
        if (staysWith(state)) return tellAddresses(state);
        if (!terminating_)
            log::notice("system: {} has {} now: its front end is replaced", interface_.text(),
                        listed(lanOf(interface_, state)));
        return terminate();
    }
    if (!state.primary() || waiting_ || retired_ || owner_.stopping_) return;
    try {
        launch(state);
    } catch (const std::system_error& error) {
        log::error("system: the front end of {} cannot be started: {}", interface_.text(),
                   error.what());
        planRestart();
    }
}

/// Returns whether the front end may stay. It names its first address in all that it says of
/// itself, and its sockets are bound to the interface: while both are there, anything else may come
/// and go.
bool FrontEnds::FrontEnd::staysWith(const InterfaceState& state) const {
    return lan_ && index_ == state.index &&
           std::ranges::find(state.addresses, lan_->addresses.front().address,
                             &Ipv4Prefix::address) != state.addresses.end();
}

/// A front end is told of link-local addresses too: it listens on them.
void FrontEnds::FrontEnd::tellAddresses(const InterfaceState& state) {
    Lan lan = lanOf(interface_, state);
    const auto first =
        std::ranges::find(lan.addresses, lan_->addresses.front().address, &Ipv4Prefix::address);
    std::rotate(lan.addresses.begin(), first, std::next(first));
    const ipc::AddressesChanged now{.addresses = lan.addresses,
                                    .addresses6 = state.addresses6,
                                    .routed = lan.routed,
                                    .routed6 = lan.routed6};
    if (told_ == now) return;
    if (told_ && told_->addresses != now.addresses)
        log::notice("system: {} has {} now", interface_.text(), listed(lan));
    told_ = now;
    lan_ = std::move(lan);
    send(now);
}

void FrontEnds::FrontEnd::launch(const InterfaceState& state) {
    auto [mine, its] = ipc::makePair();
    lan_ = lanOf(interface_, state);
    index_ = state.index;
    told_.reset();
    reported_ = terminating_ = false;
    channel_ =
        std::make_shared<ipc::Channel>(owner_.loop_, std::move(mine), ipc::Reading::UntilHalfFull);
    channel_->receive([this](ipc::Channel::Packet packet) { received(packet); },
                      [this] { lost(); });
    pid_ = owner_.start_(std::move(its), interface_);
    launchedAt_ = Clock::now();
    send(ipc::Setup{owner_.handlers_.setup(*lan_)});
    tellAddresses(state);
}

void FrontEnds::FrontEnd::send(const ipc::ToFrontEnd& message) {
    if (!channel_) return;
    const auto* const answer = std::get_if<ipc::Answer>(&message);
    const auto packet = ipc::encode(message);
    if (!packet) {
        log::error("ipc: a message to the front end of {} has a value that is not allowed",
                   interface_.text());
        if (answer != nullptr) send(ipc::Answer{answer->id, MappingError::Backend});
        if (std::holds_alternative<ipc::Setup>(message)) kill();  // it would wait for ever
        return;
    }
    if (answer != nullptr) return note(channel_->send(*packet));
    channel_->sendLatest(message.index(), *packet);
}

/// Says once that answers are dropped, and how many they were once the front end has read all.
void FrontEnds::FrontEnd::note(ipc::Sent answer) {
    if (answer == ipc::Sent::Full && dropped_++ == 0)
        log::warning("ipc: the front end of {} does not read its answers: further ones are dropped",
                     interface_.text());
    if (answer == ipc::Sent::Written && dropped_ != 0)
        log::warning("ipc: the front end of {} reads again: {} answers were dropped",
                     interface_.text(), std::exchange(dropped_, 0));
}

void FrontEnds::FrontEnd::received(ipc::Channel::Packet packet) {
    const auto message = ipc::decodeToEngine(packet);
    if (!message) {
        log::error("ipc: the front end of {} sent what is no message: it is ended",
                   interface_.text());
        return kill();
    }
    if (const auto* const call = std::get_if<ipc::Call>(&*message)) return called(*call);
    started(std::get<ipc::Started>(*message));
}

/// An answer is for the process that asked, not for the one that comes after it.
void FrontEnds::FrontEnd::called(const ipc::Call& call) {
    if (inProgress_ >= kMostCalls)
        return send(ipc::Answer{call.id, ipc::refusalOf(call.request, MappingError::Backend)});
    ++inProgress_;
    owner_.handlers_.carryOut(
        call, *lan_,
        [this, id = call.id, asker = std::weak_ptr{channel_}](const GatewayReply& reply) {
            if (asker.expired()) return;
            --inProgress_;
            send(ipc::Answer{id, reply});
        });
}

void FrontEnds::FrontEnd::started(const ipc::Started& message) {
    reported_ = true;
    answers_ = message.error.empty();
    if (!answers_) log::error("upnp: {}: {}", interface_.text(), message.error);
    if (answers_ && message.httpPort != 0) httpPort_ = Port{message.httpPort};
    owner_.reportWhenAllStarted(message.error);
    if (!answers_) return;
    // These words, as the original wrote them: start scripts and people wait for them.
    log::notice("{} on {}.  Listening for requests ...",
                httpPort_ ? "Advertisements Sent" : "UPnP is off", interface_.text());
}

/// It may have crashed: its end will tell whether anybody asked for it.
void FrontEnds::FrontEnd::lost() {
    if (running()) ::kill(pid_, SIGTERM);
}

void FrontEnds::FrontEnd::terminate() {
    if (!running() || terminating_) return;
    terminating_ = true;
    ::kill(pid_, SIGTERM);
}

void FrontEnds::FrontEnd::retire() {
    if (retired_) return;
    log::notice("system: {} is served no more", interface_.text());
    retired_ = true;
    restart_.cancel();
    terminate();
}

void FrontEnds::FrontEnd::kill() const {
    if (running()) ::kill(pid_, SIGKILL);
}

bool FrontEnds::FrontEnd::reap() {
    if (!running()) return false;
    const auto end = reapChild(pid_);
    if (!end) return false;
    const bool expected = terminating_ || owner_.stopping_;
    if (!expected)
        log::warning("system: the front end of {} {}: it is started again", interface_.text(),
                     *end);
    pid_ = 0;
    answers_ = false;
    httpPort_.reset();
    channel_.reset();
    inProgress_ = dropped_ = 0;
    if (expected)
        reconcile();
    else
        planRestart();
    return true;
}

void FrontEnds::FrontEnd::planRestart() {
    failures_ = Clock::now() - launchedAt_ >= kWell ? 0 : failures_ + 1;
    waiting_ = true;
    restart_.expires_after(pauseAfter(failures_));
    restart_.async_wait([this](boost::system::error_code error) {
        if (error) return;
        waiting_ = false;
        reconcile();
    });
}

std::vector<Ipv6Prefix> FrontEnds::FrontEnd::prefixes6() const {
    if (!lan_ || retired_) return {};
    std::vector<Ipv6Prefix> all = lan_->addresses6;
    std::ranges::copy(lan_->routed6, std::back_inserter(all));
    return all;
}

FrontEnds::Served FrontEnds::FrontEnd::served() const {
    if (!running() || !lan_) return {interface_, {}, false, std::nullopt};
    return {interface_, lan_->addresses, answers_, httpPort_};
}

std::string FrontEnds::FrontEnd::describe() const {
    if (!running() || !lan_) return fmt::format("{} (waiting for its address)", interface_.text());
    return fmt::format("{} {}", interface_.text(), listed(*lan_));
}

}  // namespace igd
