// SPDX-License-Identifier: GPL-2.0-or-later
// Processes without rights: this very program, run again with a descriptor to talk through.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace igd {

/// Arguments by which the program knows what it is.
constexpr const char* kFrontEndArgument = "--front-end";
constexpr const char* kStunArgument = "--ask-stun";
/// The descriptor on which such a process finds the engine.
constexpr int kEngineDescriptor = 3;

/// Runs this program with `arguments`, the first of which is one of those above, with `channel` as
/// descriptor kEngineDescriptor and no other but 0-2. It gets SIGTERM when the engine dies, and
/// ignores SIGHUP, SIGUSR1 and SIGUSR2. Throws std::system_error when it cannot be forked.
[[nodiscard]] pid_t startChild(UniqueFd channel, const std::vector<std::string>& arguments);

/// The end of a child that has ended, in words ("killed by signal 9"); nullopt while it runs.
[[nodiscard]] std::optional<std::string> reapChild(pid_t child);

}  // namespace igd
