// SPDX-License-Identifier: GPL-2.0-or-later
#include "conntrack/flow_ender.h"

#include "upnpd/util/log.h"

#include <exception>
#include <system_error>
#include <utility>

namespace igd::firewall {
namespace {

MappedPort portOf(const Rule& rule) {
    return {rule.protocol, rule.externalPort};
}

Target targetOf(const Rule& rule) {
    return {rule.internal, rule.remote ? std::vector{*rule.remote} : rule.filters};
}

}  // namespace

FlowEnder::~FlowEnder() {
    if (thread_.joinable()) thread_.join();
}

void FlowEnder::applied(const RuleDelta& delta) {
    Work work;
    for (const Rule& rule : delta.remove) {
        live_.erase(portOf(rule));
        work.ended[portOf(rule)].push_back(targetOf(rule));
    }
    for (const Rule& rule : delta.add) live_.insert_or_assign(portOf(rule), targetOf(rule));
    end(std::move(work));
}

void FlowEnder::replaced(std::span<const Rule> rules) {
    Work work;
    for (const auto& [key, target] : std::exchange(live_, {})) work.ended[key].push_back(target);
    for (const Rule& rule : rules) live_.insert_or_assign(portOf(rule), targetOf(rule));
    end(std::move(work));
}

void FlowEnder::end(Work work) {
    std::erase_if(work.ended, [&](const auto& entry) {
        const auto now = live_.find(entry.first);
        if (now != live_.end()) work.live[entry.first] = {now->second};
        return now != live_.end() && entry.second == std::vector{now->second};
    });
    if (work.ended.empty()) return;
    {
        const std::lock_guard guard{mutex_};
        for (auto& [key, targets] : work.ended) {
            auto& all = pending_.ended[key];
            all.insert(all.end(), targets.begin(), targets.end());
            pending_.live[key] = std::move(work.live[key]);
        }
        if (std::exchange(walking_, true)) return;
    }
    start();
}

void FlowEnder::start() {
    if (thread_.joinable()) thread_.join();  // it has nothing left to do
    try {
        thread_ = std::thread{&FlowEnder::walk, this};
    } catch (const std::system_error&) {
        walk();
    }
}

void FlowEnder::walk() noexcept try {
    for (;;) {
        Work work;
        {
            const std::lock_guard guard{mutex_};
            if (pending_.ended.empty()) {
                walking_ = false;
                return;
            }
            work = std::exchange(pending_, {});
        }
        conntrack_.endOrphans(work.ended, work.live);
    }
} catch (const std::exception& error) {
    log::error("firewall: flows may outlive their mapping: {}", error.what());
    const std::lock_guard guard{mutex_};
    walking_ = false;
}

}  // namespace igd::firewall
