// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables/legacy_presence.h"

#include "iptables/ip_tables.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace igd::firewall {
namespace {

constexpr const char* kModules = "/sys/module/";

}  // namespace

template <class Ip>
LegacyPresence<Ip>::LegacyPresence()
    : names_(::open(Ip::kNamesFile, O_RDONLY | O_CLOEXEC)), hidden_(!names_ && errno == EACCES) {}

/// A table of that name is loaded, or part of the kernel. That is all that a process which is not
/// root gets to know without making the kernel load it.
template <class Ip>
bool LegacyPresence<Ip>::isLoaded(std::string_view table) {
    const std::string modules{kModules};
    return ::access((modules + Ip::kTableModules).append(table).c_str(), F_OK) == 0 ||
           ::access((modules + Ip::kModule).c_str(), F_OK) != 0;
}

template <class Ip>
bool LegacyPresence<Ip>::has(std::string_view table) const {
    if (hidden_) return isLoaded(table);
    std::array<char, 512> buffer{};
    const ssize_t size = names_ ? ::pread(names_.get(), buffer.data(), buffer.size(), 0) : -1;
    if (size <= 0) return false;
    std::string_view names{buffer.data(), static_cast<std::size_t>(size)};
    while (!names.empty()) {
        const auto end = std::min(names.find('\n'), names.size());
        if (names.substr(0, end) == table) return true;
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return false;
}

template class LegacyPresence<IpTables>;
template class LegacyPresence<Ip6Tables>;

}  // namespace igd::firewall
