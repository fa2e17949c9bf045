// SPDX-License-Identifier: GPL-2.0-or-later
#include "landlock.h"

#include "upnpd/util/log.h"
#include "upnpd/util/unique_fd.h"

#include <cerrno>
#include <cstdint>
#include <cstring>

#include <sys/syscall.h>
#include <unistd.h>

// C libraries and their headers may be older than the kernel. These numbers are the same on every
// machine.
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

namespace igd {
namespace {

/// linux/landlock.h's LANDLOCK_CREATE_RULESET_VERSION
constexpr unsigned kAskVersion = 1;

/// Returns a bit for each way to use a file that a kernel of that version knows.
std::uint64_t everyAccess(long version) {
    const unsigned bits = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
    return (std::uint64_t{1} << bits) - 1;
}

}  // namespace

void closeFileSystem() {
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
    const std::uint64_t handled = everyAccess(version);  // and no rule that allows one
    const UniqueFd rules{version < 1 ? -1
                                     : static_cast<int>(::syscall(SYS_landlock_create_ruleset,
                                                                  &handled, sizeof handled, 0))};
    if (!rules || ::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0)
        log::debug("system: no Landlock: {}", std::strerror(errno));
}

}  // namespace igd
