// SPDX-License-Identifier: GPL-2.0-or-later
#include "conntrack/flow_ender.h"

#include "upnpd/util/log.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

namespace igd::firewall {
namespace {

using std::chrono::milliseconds;

/// All that comes in that time has one walk.
constexpr milliseconds kGathering{50};
/// The walks take a fifth of one processor at most.
constexpr int kRestAfterWalk = 4;
/// An answer that was on its way when its flow ended has arrived by then. Where one begins the flow
/// anew at the very moment of a look, the next look finds it.
constexpr milliseconds kAnswersArrive{300};
constexpr int kLooks = 4;

/// One of the ports of a rule, and where it leads.
struct Led {
    EntryPort port;
    Target target;
};

std::vector<Led> portsOf(const Rule& rule) {
    const Port first = rule.isIpv6() ? rule.internal.port : rule.externalPort;
    const auto filters = rule.remote ? std::vector{*rule.remote} : rule.filters;
    std::vector<Led> ports;
    for (unsigned i = 0; i < rule.portCount; ++i) {
        const IpEndpoint internal{rule.internal.address, portBehind(rule.internal.port, i)};
        ports.push_back({{rule.protocol, portBehind(first, i)}, {internal, filters}});
    }
    return ports;
}

bool isAmong(const Targets& targets, const EntryPort& port, const Target& target) {
    const auto found = targets.find(port);
    return found != targets.end() &&
           std::ranges::find(found->second, target) != found->second.end();
}

void erase(Targets& targets, const EntryPort& port, const Target& target) {
    const auto found = targets.find(port);
    if (found == targets.end()) return;
    std::erase(found->second, target);
    if (found->second.empty()) targets.erase(found);
}

}  // namespace

FlowEnder::~FlowEnder() {
    {
        const std::lock_guard guard{mutex_};
        ending_ = true;
    }
    hurry_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void FlowEnder::externalAddressesAre(std::span<const Ipv4Address> addresses) {
    external_.assign(addresses.begin(), addresses.end());
    if (external_.empty()) return;
    FlowWork work;
    for (const Ipv4Address each : std::exchange(lastExternal_, external_))
        if (std::ranges::find(external_, each) == external_.end()) work.left.push_back(each);
    if (work.left.empty()) return;
    work.reached = live_;
    end(std::move(work));
}

void FlowEnder::add(const Rule& rule, FlowWork& work) {
    for (const auto& [port, target] : portsOf(rule)) {
        if (!isAmong(live_, port, target)) live_[port].push_back(target);
        changed_.push_back(port);
        if (!rule.isIpv6() && !isAmong(work.ended, port, target)) work.granted.insert(port);
    }
}

void FlowEnder::applied(const RuleDelta& delta) {
    FlowWork work;
    for (const Rule& rule : delta.remove) {
        if (rule.isFlow()) continue;
        for (const auto& [port, target] : portsOf(rule)) {
            erase(live_, port, target);
            changed_.push_back(port);
            work.ended[port].push_back(target);
        }
    }
    for (const Rule& rule : delta.add)
        if (!rule.isFlow()) add(rule, work);
    end(std::move(work));
}

void FlowEnder::endAgain(std::span<const Rule> rules) {
    FlowWork work;
    for (const Rule& rule : rules)
        for (const auto& [port, target] : portsOf(rule)) work.ended[port].push_back(target);
    end(std::move(work));
}

void FlowEnder::replaced(std::span<const Rule> rules) {
    FlowWork work;
    work.ended = std::exchange(live_, {});
    for (const Rule& rule : rules) {
        if (rule.isFlow()) continue;
        add(rule, work);
        // Without its rule for a moment, the port may have been the router's own.
        if (rule.isIpv6()) continue;
        for (const auto& [port, target] : portsOf(rule)) work.granted.insert(port);
    }
    end(std::move(work));
}

void FlowEnder::end(FlowWork work) {
    for (auto& [port, targets] : work.ended)
        std::erase_if(
            targets, [&, key = port](const Target& target) { return isAmong(live_, key, target); });
    std::erase_if(work.ended, [](const auto& entry) { return entry.second.empty(); });
    const bool isWork = !work.empty();
    {
        const std::lock_guard guard{mutex_};
        merge(std::move(work));
        if (!isWork || std::exchange(walking_, true)) return hurry_.notify_all();
    }
    start();
}

/// Needs the mutex. Openings may have come back that earlier work has seen end; that work may be
/// about 100,000 ports, so only those that have changed are looked at.
void FlowEnder::merge(FlowWork work) {
    for (auto& [port, targets] : work.ended) {
        auto& all = pending_.ended[port];
        all.insert(all.end(), targets.begin(), targets.end());
        changed_.push_back(port);
    }
    for (const EntryPort& port : std::exchange(changed_, {})) {
        if (!pending_.ended.contains(port)) continue;
        const auto now = live_.find(port);
        pending_.live[port] = now == live_.end() ? std::vector<Target>{} : now->second;
    }
    pending_.granted.merge(work.granted);
    pending_.own = external_;
    pending_.left.insert(pending_.left.end(), work.left.begin(), work.left.end());
    for (auto& [port, targets] : work.reached) pending_.reached[port] = std::move(targets);
}

void FlowEnder::start() {
    if (thread_.joinable()) thread_.join();  // it has nothing left to do
    try {
        thread_ = std::thread{&FlowEnder::walk, this};
    } catch (const std::system_error&) {
        FlowWork work;
        while (takeWork(work)) (void)conntrack_.end(work);
    }
}

/// Returns whether there is work, or there will be; without any the thread ends.
bool FlowEnder::takeWork(FlowWork& work) {
    const std::lock_guard guard{mutex_};
    walking_ = !pending_.empty() || !answered_.empty();
    work = std::exchange(pending_, {});
    const TimePoint now = Clock::now();
    for (auto& [ends, looks] : answered_) {
        if (!ending_ && looks.next > now) continue;
        work.answered.insert(ends);
        looks = {now + kAnswersArrive, ending_ ? 0 : looks.left - 1};
    }
    return walking_;
}

/// The host may speak with that remote of its own accord: so there are few looks.
void FlowEnder::awaitAnswers(const std::set<FlowEnds>& orphans) {
    std::erase_if(answered_, [](const auto& each) { return each.second.left == 0; });
    for (const FlowEnds& ends : orphans) answered_[ends] = {Clock::now() + kAnswersArrive, kLooks};
}

/// At the end of everything there is no rest.
void FlowEnder::rest(Clock::duration time) {
    std::unique_lock guard{mutex_};
    hurry_.wait_for(guard, time, [this] { return ending_; });
}

void FlowEnder::awaitWork() {
    if (answered_.empty()) return;
    TimePoint soonest = TimePoint::max();
    for (const auto& [ends, looks] : answered_) soonest = std::min(soonest, looks.next);
    std::unique_lock guard{mutex_};
    hurry_.wait_until(guard, soonest, [this] { return ending_ || !pending_.empty(); });
    if (!ending_) return;
    guard.unlock();
    std::this_thread::sleep_for(kGathering);
}

void FlowEnder::walk() noexcept try {
    FlowWork work;
    rest(kGathering);
    while (takeWork(work)) {
        const TimePoint begun = Clock::now();
        awaitAnswers(conntrack_.end(work));
        rest(std::max<Clock::duration>(kGathering, kRestAfterWalk * (Clock::now() - begun)));
        awaitWork();
    }
} catch (const std::exception& error) {
    log::error("firewall: flows may outlive their opening: {}", error.what());
    answered_.clear();
    const std::lock_guard guard{mutex_};
    walking_ = false;
}

}  // namespace igd::firewall
