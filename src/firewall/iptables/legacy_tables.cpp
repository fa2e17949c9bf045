// SPDX-License-Identifier: GPL-2.0-or-later
// The lock, the names and the commits of all tables.
#include "iptables/legacy_tables.h"

#include "iptables/iptc_calls.h"
#include "names.h"

#include "upnpd/util/log.h"
#include "upnpd/util/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace igd::firewall {
namespace {

constexpr std::array kTables{"filter", "nat", "mangle", "raw", "security"};
constexpr int kMostTries = 20;  // against somebody who changes the table all the time
constexpr std::chrono::milliseconds kMoment{50};
constexpr std::chrono::milliseconds kLong{2000};
constexpr auto kLockPause = std::chrono::milliseconds{5};

template <class Ip>
std::vector<unsigned int> shapeOf(int socket, const std::string& table) {
    typename Ip::Info info{};
    table.copy(info.name, sizeof info.name - 1);
    socklen_t size = sizeof info;
    if (::getsockopt(socket, Ip::kLevel, Ip::kGetInfo, &info, &size) != 0) return {};
    std::vector<unsigned int> shape{info.valid_hooks, info.num_entries, info.size};
    shape.insert(shape.end(), std::begin(info.hook_entry), std::end(info.hook_entry));
    shape.insert(shape.end(), std::begin(info.underflow), std::end(info.underflow));
    return shape;
}

}  // namespace

template <class Ip>
BasicLegacyTables<Ip>::BasicLegacyTables()
    : lock_(::open(kLegacyLock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600)),
      lockError_(lock_ ? 0 : errno),
      query_(::socket(Ip::kFamily, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

template <class Ip>
BasicLegacyTables<Ip>::Lock::~Lock() {
    if (fd_ >= 0) ::flock(fd_, LOCK_UN);
}

template <class Ip>
bool BasicLegacyTables<Ip>::tryLock() const {
    int status = 0;
    do status = ::flock(lock_.get(), LOCK_EX | LOCK_NB);
    while (status != 0 && errno == EINTR);
    return status == 0;
}

template <class Ip>
bool BasicLegacyTables<Ip>::isLocked() const {
    return lock_ && (!tryLock() ? errno == EWOULDBLOCK : ::flock(lock_.get(), LOCK_UN) != 0);
}

template <class Ip>
bool BasicLegacyTables<Ip>::anyPresent() const {
    return std::ranges::any_of(kTables, [this](const char* table) { return present(table); });
}

template <class Ip>
std::optional<typename BasicLegacyTables<Ip>::Lock> BasicLegacyTables<Ip>::lock(
    Patience patience) const {
    if (!lock_) {
        if (lockError_ != ENOENT)  // no such folder, no iptables program that would look at it
            log::warning(
                "firewall: {} cannot be opened ({}): changes by the iptables programs at the same "
                "moment may be lost",
                kLegacyLock, std::strerror(lockError_));
        lockError_ = ENOENT;  // it is said once
        return Lock{-1};
    }
    const auto end =
        std::chrono::steady_clock::now() + (patience == Patience::Moment ? kMoment : kLong);
    while (!tryLock()) {
        if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() >= end) {
            log::error("firewall: {} is not to be had: {}", kLegacyLock,
                       errno == EWOULDBLOCK ? "another program holds it" : std::strerror(errno));
            return std::nullopt;
        }
        std::this_thread::sleep_for(kLockPause);
    }
    return Lock{lock_.get()};
}

template <class Ip>
bool BasicLegacyTables<Ip>::present(const char* table) const {
    return presence_.has(table);
}

template <class Ip>
const char* BasicLegacyTables<Ip>::firstUsed() const {
    for (const char* name : kTables) {
        if (!present(name)) continue;
        const auto table = Table::read(name);
        if (table && table->isUsed()) return name;
    }
    return nullptr;
}

template <class Ip>
bool BasicLegacyTables<Ip>::hasTarget(const char* name, std::uint8_t revision) const {
    return has(Ip::kGetTarget, name, revision);
}

template <class Ip>
bool BasicLegacyTables<Ip>::hasMatch(const char* name, std::uint8_t revision) const {
    return has(Ip::kGetMatch, name, revision);
}

template <class Ip>
bool BasicLegacyTables<Ip>::has(int question, const char* name, std::uint8_t revision) const {
    xt_get_revision wanted{};
    std::string_view{name}.copy(wanted.name, sizeof wanted.name - 1);
    wanted.revision = revision;
    socklen_t size = sizeof wanted;
    return ::getsockopt(query_.get(), Ip::kLevel, question, &wanted, &size) == 0;
}

template <class Ip>
void BasicLegacyTables<Ip>::remember(const std::string& table) const {
    left_[table] = shapeOf<Ip>(query_.get(), table);
}

template <class Ip>
bool BasicLegacyTables<Ip>::looksTouched(const std::string& table) const {
    const auto left = left_.find(table);
    return left != left_.end() && left->second != shapeOf<Ip>(query_.get(), table);
}

template <class Ip>
bool BasicLegacyTables<Ip>::edit(const char* name,
                                 const std::function<bool(Table&)>& change) const {
    for (int attempt = 0; attempt < kMostTries; ++attempt) {
        errno = 0;
        auto table = Table::read(name);
        if (table && change(*table) && table->commit()) {
            remember(name);
            return true;
        }
        if (errno == EAGAIN) continue;
        log::error("firewall: iptables table {} was not changed: {}", name,
                   igd::quoted(iptc<Ip>().error(errno)));
        return false;
    }
    log::error("firewall: iptables table {} was not changed: others change it all the time", name);
    return false;
}

template class BasicLegacyTables<IpTables>;
template class BasicLegacyTables<Ip6Tables>;

}  // namespace igd::firewall
