// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/service_manager.h"

#include "upnpd/util/log.h"
#include "upnpd/util/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace igd {
namespace {

constexpr Seconds kStatusPause{1};
constexpr timeval kPatience{0, 250'000};
constexpr std::uint64_t kLongestInterval = 1'000'000ULL * 3600 * 24 * 365;

/// Returns the value of a variable and removes it from the environment; empty when it was not
/// there.
std::string taken(const char* name) {
    const char* const value = std::getenv(name);
    std::string text{value != nullptr ? value : ""};
    ::unsetenv(name);
    return text;
}

/// Returns the interval as sd_watchdog_enabled(3) does: without WATCHDOG_PID it is for any reader,
/// else for that process.
std::optional<std::chrono::microseconds> watchdogFor(std::string_view interval,
                                                     std::string_view process) {
    const auto microseconds = parseUnsigned<std::uint64_t>(interval);
    if (!microseconds || *microseconds == 0 || *microseconds > kLongestInterval)
        return std::nullopt;
    if (!process.empty() && process != fmt::to_string(::getpid())) return std::nullopt;
    return std::chrono::microseconds{*microseconds};
}

}  // namespace

ServiceManager::ServiceManager() : started_(::getpid()) {
    const std::string path = taken("NOTIFY_SOCKET");
    const std::string interval = taken("WATCHDOG_USEC");
    watchdog_ = watchdogFor(interval, taken("WATCHDOG_PID"));
    const bool isName = path.starts_with('/') || path.starts_with('@');
    if (!isName || path.size() < 2 || path.size() >= sizeof address_.sun_path) return;
    address_.sun_family = AF_UNIX;
    path.copy(address_.sun_path, path.size());
    if (path.front() == '@') address_.sun_path[0] = '\0';  // abstract name
    addressSize_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
}

bool ServiceManager::tell(const std::string& state) const {
    if (!present()) return false;
    const bool sent =
        ::sendto(socket_.get(), state.data(), state.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address_), addressSize_) == std::ssize(state);
    if (!sent && !failing_)
        log::warning("system: the service manager cannot be told {}: {}", state,
                     std::strerror(errno));
    failing_ = !sent;
    return sent;
}

void ServiceManager::ready() const {
    const pid_t own = ::getpid();
    tell(own == started_ ? "READY=1" : fmt::format("READY=1\nMAINPID={}", own));
}

void ServiceManager::stopping() const {
    tell("STOPPING=1");
}

void ServiceManager::reloading() const {
    const auto now =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch());
    tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.count()));
}

ServiceReport::ServiceReport(boost::asio::io_context& loop, const ServiceManager& manager,
                             std::function<std::string()> describe)
    : manager_(manager), describe_(std::move(describe)), watchdog_(loop), status_(loop) {}

void ServiceReport::start() {
    started_ = manager_.present();
    if (manager_.watchdog()) feedWatchdog();
    changed();
}

void ServiceReport::feedWatchdog() {
    manager_.tell("WATCHDOG=1");
    watchdog_.expires_after(*manager_.watchdog() / 2);
    watchdog_.async_wait([this](boost::system::error_code error) {
        if (!error) feedWatchdog();
    });
}

void ServiceReport::changed() {
    if (!started_ || planned_) return;
    planned_ = true;
    status_.expires_at(std::max(nextStatus_, Clock::now()));
    status_.async_wait([this](boost::system::error_code error) {
        planned_ = false;
        if (!error) sendStatus();
    });
}

void ServiceReport::sendStatus() {
    std::string status = describe_();
    if (status == sent_) return;
    if (!manager_.tell("STATUS=" + status)) return;
    sent_ = std::move(status);
    nextStatus_ = Clock::now() + kStatusPause;
}

void ServiceReport::stopStatus() {
    started_ = false;
    status_.cancel();
}

}  // namespace igd
