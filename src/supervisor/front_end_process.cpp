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

/// "192.168.1.1/24, 192.168.2.1/24"; the addresses of IPv6 of a LAN that has none of IPv4.
std::string listed(const Lan& lan) {
    std::string text;
    for (const Ipv4Prefix& each : lan.addresses)
        text += (text.empty() ? "" : ", ") + toString(each);
    if (text.empty()) text = lan.describe();
    return text.empty() ? "no address" : text;
}

/// Returns a BOOTID.UPNP.ORG after `before`: the time, so that it grows from one run of the daemon
/// to the next, or one more. It has 31 bits (UDA 1.1 section 1.2).
std::uint32_t laterBootId(std::uint32_t before) {
    constexpr std::int64_t kHighest = 0x7fffffff;
    const auto now = std::chrono::floor<Seconds>(std::chrono::system_clock::now());
    const std::int64_t time = now.time_since_epoch().count();
    return static_cast<std::uint32_t>(std::min(std::max(time, std::int64_t{before} + 1), kHighest));
}

std::chrono::milliseconds pauseAfter(unsigned failures) {
    return std::min(kFirstPause * (1U << std::min(failures, 8U)), kLongestPause);
}

}  // namespace

FrontEnds::FrontEnd::FrontEnd(FrontEnds& owner, InterfaceName interface)
    : owner_(owner),
      interface_(std::move(interface)),
      restart_(owner.loop_),
      heartbeat_(
          owner.loop_, owner.times_.heartbeat, [this] { send(ipc::Ping{}); }, [this] { hangs(); }),
      advertiser_(owner.loop_, owner.times_.advertiser, advertiserParts()) {}

void FrontEnds::FrontEnd::reconcile() {
    const InterfaceState state = owner_.interfaces_.state(interface_);
    if (running()) {
        if (staysWith(state)) return tellAddresses(state);
        if (!terminating_)
            log::change("system: {} has {} now: its {} is {}", interface_.text(),
                        listed(lanOf(interface_, state)), owner_.handlers_.noun,
                        state.isServable() ? "replaced" : "stopped until it has one");
        return terminate();
    }
    if (!state.isServable() || waiting_ || retired_ || owner_.stopping_) return;
    try {
        launch(state);
    } catch (const std::system_error& error) {
        log::error("system: {} cannot be started: {}", name(), error.what());
        planRestart();
    }
}

/// Returns whether the front end may stay: its sockets are bound to the interface, and there is an
/// address to serve. Each may come and go, of either family.
bool FrontEnds::FrontEnd::staysWith(const InterfaceState& state) const {
    return lan_ && index_ == state.index && state.isServable();
}

/// A front end is told of link-local addresses too: it listens on them. When addresses have come or
/// gone it is advertised anew, and when the first one has gone as after a start: it is taken back
/// where control points know it by that (SSDP-NOTIFY-19).
void FrontEnds::FrontEnd::tellAddresses(const InterfaceState& state) {
    Lan lan = lanOf(interface_, state);
    const bool keepsFirst = lan.isRouter(lan_->first());
    ipc::AddressesChanged now{.addresses = lan.addresses,
                              .addresses6 = state.addresses6,
                              .routed = lan.routed,
                              .routed6 = lan.routed6,
                              .bootId = bootId_};
    if (told_ == now) return;
    if (listed(*lan_) != listed(lan))
        log::change("system: {} has {} now", interface_.text(), listed(lan));
    const bool moved =
        told_ && (told_->addresses != now.addresses || told_->addresses6 != now.addresses6);
    if (moved) now.bootId = bootId_ = laterBootId(bootId_);
    told_ = now;
    lan_ = std::move(lan);
    send(now);
    if (moved && httpPort_) advertiser_.advertise(!keepsFirst);
}

void FrontEnds::FrontEnd::launch(const InterfaceState& state) {
    auto [mine, its] = ipc::makePair();
    lan_ = lanOf(interface_, state);
    index_ = state.index;
    told_.reset();
    reported_ = terminating_ = announced_ = false;
    bootId_ = laterBootId(std::max(bootId_, owner_.lastBootId_));
    channel_ =
        std::make_shared<ipc::Channel>(owner_.loop_, std::move(mine), ipc::Reading::UntilHalfFull);
    channel_->receive([this](ipc::Channel::Packet packet) { received(packet); },
                      [this] { lost(); });
    pid_ = owner_.start_(Helper::FrontEnd, std::move(its), interface_);
    launchedAt_ = Clock::now();
    heartbeat_.begin();
    send(ipc::Setup{owner_.handlers_.setup(*lan_, bootId_)});
    tellAddresses(state);
}

void FrontEnds::FrontEnd::send(const ipc::ToFrontEnd& message) {
    if (!channel_) return;
    const auto* const answer = std::get_if<ipc::Answer>(&message);
    const auto packet = ipc::encode(message);
    if (!packet) {
        log::error("ipc: a message to {} has a value that is not allowed", name());
        if (answer != nullptr) send(ipc::Answer{answer->id, MappingError::Backend});
        if (std::holds_alternative<ipc::Setup>(message)) kill();  // it would wait for ever
        return;
    }
    if (answer != nullptr)
        note(channel_->send(*packet));
    else
        channel_->sendLatest(message.index(), *packet);
    heartbeat_.sent();
}

/// Says once that answers are dropped, and how many they were once the front end has read all.
void FrontEnds::FrontEnd::note(ipc::Sent answer) {
    if (answer == ipc::Sent::Full && dropped_++ == 0)
        log::warning("ipc: {} does not read its answers: further ones are dropped", name());
    if (answer == ipc::Sent::Written && dropped_ != 0)
        log::warning("ipc: {} reads again: {} answers were dropped", name(),
                     std::exchange(dropped_, 0));
}

void FrontEnds::FrontEnd::received(ipc::Channel::Packet packet) {
    const auto message = ipc::decodeToEngine(packet);
    if (!message) {
        log::error("ipc: {} sent what is no message: it is ended", name());
        return kill();
    }
    heartbeat_.heard();
    if (const auto* const call = std::get_if<ipc::Call>(&*message)) return called(*call);
    if (const auto* const sockets = std::get_if<ipc::Sockets>(&*message)) sockets_ = *sockets;
    if (const auto* const now = std::get_if<ipc::Subscribers>(&*message)) subscribers_ = now->count;
    if (const auto* const report = std::get_if<ipc::Started>(&*message)) started(*report);
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
    error_ = message.error;
    answers_ = message.error.empty();
    if (answers_ && message.httpPort != 0) httpPort_ = Port{message.httpPort};
    owner_.reportWhenAllStarted(message.error);
    if (!answers_ || !owner_.handlers_.advertisement) return;
    if (httpPort_)
        advertiser_.advertise(true);
    else
        announce("UPnP is off");
}

/// Says once what start scripts and people wait for, in the original's words.
void FrontEnds::FrontEnd::announce(std::string_view what) {
    if (!std::exchange(announced_, true))
        log::notice("{} on {}.  Listening for requests ...", what, interface_.text());
}

Advertiser::Parts FrontEnds::FrontEnd::advertiserParts() {
    return {.start =
                [this](UniqueFd channel) {
                    return owner_.start_(Helper::Advertiser, std::move(channel), interface_);
                },
            .setup =
                [this](bool byebye) {
                    Lan lan = *lan_;
                    if (told_) lan.addresses6 = told_->addresses6;
                    return owner_.handlers_.advertisement(lan, *httpPort_, bootId_, byebye);
                },
            .done = [this](const std::string& error) { advertised(error); }};
}

/// A LAN without multicast is served all the same.
void FrontEnds::FrontEnd::advertised(const std::string& error) {
    if (error != std::exchange(advertisingError_, error)) {
        if (error.empty())
            log::change("upnp: {} is advertised now", interface_.text());
        else
            log::warning("upnp: {} is not advertised: {}; it is tried again and again",
                         interface_.text(), error);
    }
    announce(error.empty() ? "Advertisements Sent" : "Not advertised");
}

void FrontEnds::FrontEnd::hangs() {
    log::error("system: {} hangs: it is killed", name());
    kill();
}

/// It may have crashed: its end will tell whether anybody asked for it.
void FrontEnds::FrontEnd::lost() {
    if (running()) ::kill(pid_, SIGTERM);
}

void FrontEnds::FrontEnd::terminate() {
    if (!running() || terminating_) return;
    terminating_ = true;
    // The front end's byebye must be the last word.
    advertiser_.halt();
    heartbeat_.stop();
    ::kill(pid_, SIGTERM);
}

void FrontEnds::FrontEnd::retire() {
    if (retired_) return;
    log::change("system: {} is served no more", interface_.text());
    retired_ = true;
    restart_.cancel();
    terminate();
}

void FrontEnds::FrontEnd::kill() {
    advertiser_.halt();
    if (running()) ::kill(pid_, SIGKILL);
}

bool FrontEnds::FrontEnd::reap() {
    advertiser_.reap();
    if (!running()) return false;
    const auto end = reapChild(pid_);
    if (!end) return false;
    const bool expected = terminating_ || owner_.stopping_;
    if (!expected) tellRestart(*end);
    pid_ = 0;
    advertiser_.halt();
    heartbeat_.stop();
    answers_ = false;
    httpPort_.reset();
    sockets_ = {};
    subscribers_ = 0;
    error_ = expected ? "" : *end;
    channel_.reset();
    inProgress_ = dropped_ = 0;
    if (expected)
        reconcile();
    else
        planRestart();
    return true;
}

void FrontEnds::FrontEnd::tellRestart(const std::string& end) const {
    const std::string how = fmt::format("{} {}", name(), end);
    log::error("system: {}: it is started again", how);
    if (owner_.handlers_.restarted) owner_.handlers_.restarted(how);
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
    if (!running() || !lan_) return {.interface = interface_, .addresses = {}, .waits = waits()};
    return {interface_,
            lan_->addresses,
            answers_,
            httpPort_,
            sockets_.open,
            sockets_.problems,
            answers_ ? "" : waits(),
            advertisingError_,
            lan_->addresses6,
            subscribers_};
}

/// "the front end of br-lan"
std::string FrontEnds::FrontEnd::name() const {
    return fmt::format("the {} of {}", owner_.handlers_.noun, interface_.text());
}

/// Returns why nobody is served there at present.
std::string FrontEnds::FrontEnd::waits() const {
    const std::string begins = fmt::format("its {} begins", owner_.handlers_.noun);
    if (running()) return reported_ ? error_ : begins;
    const InterfaceState state = owner_.interfaces_.state(interface_);
    if (!state.exists) return "no such interface yet";
    if (!state.isServable()) return "waiting for its address";
    return error_.empty() ? begins : begins + " again: it " + error_;
}

std::string FrontEnds::FrontEnd::describe() const {
    if (!running() || !lan_) return fmt::format("{} ({})", interface_.text(), waits());
    std::string missing;
    for (const SocketProblem& each : sockets_.problems)
        missing += (missing.empty() ? " (without " : ", ") + toString(each.socket);
    return fmt::format("{} {}{}", interface_.text(), listed(*lan_),
                       missing.empty() ? "" : missing + ")");
}

}  // namespace igd
