// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/retries.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace igd {
namespace {

constexpr std::chrono::milliseconds kFirstPause{250};
/// The pause doubles so often: 16 s.
constexpr unsigned kDoublings = 6;

Clock::duration pauseAfter(unsigned failures) {
    return kFirstPause * (1U << std::min(failures - 1, kDoublings));
}

}  // namespace

std::string toString(const SocketName& name) {
    return fmt::format("{} port {} of {}", name.tcp ? "TCP" : "UDP", name.local.port.value,
                       toString(name.local.address));
}

std::optional<std::string> Retries::open(const SocketName& name, Open open) {
    opened_.erase(name);
    waiting_[name].open = std::move(open);
    attemptOne(name);
    plan();
    const auto found = waiting_.find(name);
    return found == waiting_.end() ? std::nullopt : std::optional{found->second.reason};
}

void Retries::keep(const std::function<bool(const SocketName&)>& stays) {
    const auto gone =
        std::erase_if(waiting_, [&](const auto& each) { return !stays(each.first); }) +
        std::erase_if(opened_, [&](const SocketName& name) { return !stays(name); });
    if (gone != 0) parts_.changed();
    attemptDue(TimePoint::max());
}

void Retries::attempt() {
    attemptDue(parts_.now());
}

/// An open() may open others by this, so that no place in the table is held meanwhile.
void Retries::attemptDue(TimePoint now) {
    std::vector<SocketName> due;
    for (const auto& [name, waiting] : waiting_)
        if (waiting.due <= now) due.push_back(name);
    for (const SocketName& name : due)
        if (waiting_.contains(name)) attemptOne(name);
    plan();
}

void Retries::attemptOne(const SocketName& name) {
    const Open open = waiting_.at(name).open;
    try {
        open();
    } catch (const std::system_error& error) {
        return failed(waiting_.at(name), error.what());
    }
    const bool hadFailed = waiting_.at(name).failures != 0;
    waiting_.erase(name);
    opened_.insert(name);
    if (hadFailed) log::change("net: {}: {} is open now", interface_.text(), toString(name));
    parts_.changed();
}

void Retries::failed(Waiting& waiting, const std::string& reason) {
    waiting.due = parts_.now() + pauseAfter(++waiting.failures);
    if (waiting.failures == 1)
        log::warning("net: {}: {}; it is tried again", interface_.text(), reason);
    if (std::exchange(waiting.reason, reason) != reason) parts_.changed();
}

void Retries::plan() const {
    const auto next =
        std::ranges::min_element(waiting_, {}, [](const auto& each) { return each.second.due; });
    if (next != waiting_.end()) parts_.wake(next->second.due);
}

std::vector<SocketName> Retries::opened() const {
    return {opened_.begin(), opened_.end()};
}

std::vector<SocketProblem> Retries::problems() const {
    std::vector<SocketProblem> all;
    for (const auto& [name, waiting] : waiting_) all.push_back({name, waiting.reason});
    return all;
}

}  // namespace igd
