// SPDX-License-Identifier: GPL-2.0-or-later
// Processes without rights are this very program, run again with a descriptor to talk through.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace igd {

/// The arguments by which the program knows which process it is.
constexpr const char* kFrontEndArgument = "--front-end";
constexpr const char* kStunArgument = "--ask-stun";
/// Such a process finds the engine at this descriptor.
constexpr int kEngineDescriptor = 3;

/// Runs this program with `arguments`, the first of which is one of those above. `channel` becomes
/// descriptor kEngineDescriptor, and no other but 0-2 is open. The child gets SIGTERM when the
/// engine dies, and ignores SIGHUP, SIGUSR1 and SIGUSR2. Throws std::system_error when it cannot be
/// forked.
[[nodiscard]] pid_t startChild(UniqueFd channel, const std::vector<std::string>& arguments);

/// Returns in words how `child` has ended ("killed by signal 9"); nullopt while it runs.
[[nodiscard]] std::optional<std::string> reapChild(pid_t child);

}  // namespace igd
