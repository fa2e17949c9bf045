// SPDX-License-Identifier: GPL-2.0-or-later
// This process asks a STUN server once. It reads a stranger's bytes, so it has no rights.
#pragma once

#include <string>
#include <vector>

namespace igd {

/// Runs the whole process; the engine is at kEngineDescriptor. `arguments` follow kStunArgument:
/// the external interface, the address of it to ask from, the server and its port. Returns the exit
/// status.
[[nodiscard]] int runStunClient(const std::vector<std::string>& arguments);

}  // namespace igd
