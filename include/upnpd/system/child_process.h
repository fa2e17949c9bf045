// SPDX-License-Identifier: GPL-2.0-or-later
// A front end as a process: this very program, run again with a descriptor to talk through.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace igd {

/// Argument by which the program knows that it is a front end.
constexpr const char* kFrontEndArgument = "--front-end";
/// The descriptor on which the front end finds the engine.
constexpr int kFrontEndDescriptor = 3;

/// Runs this program with kFrontEndArgument and `arguments`, with `channel` as descriptor kFrontEndDescriptor
/// and no other but 0-2. It gets SIGTERM when the engine dies. Throws std::system_error when it cannot be
/// forked.
[[nodiscard]] pid_t startFrontEnd(UniqueFd channel, const std::vector<std::string>& arguments);

/// The end of a child that has ended, in words ("killed by signal 9"); nullopt while it runs.
[[nodiscard]] std::optional<std::string> reapChild(pid_t child);

}  // namespace igd
