// SPDX-License-Identifier: GPL-2.0-or-later
// The process that asks a STUN server once: it reads a stranger's bytes, and may do nothing.
#pragma once

#include <string>
#include <vector>

namespace igd {

/// Its whole life, with the engine at kEngineDescriptor. `arguments`, behind kStunArgument: the
/// external interface, the address of it to ask from, the server and its port. Returns its exit
/// status.
[[nodiscard]] int runStunClient(const std::vector<std::string>& arguments);

}  // namespace igd
