// SPDX-License-Identifier: GPL-2.0-or-later
// This process asks the gateway above for ports, as long as the engine lives. It reads a stranger's
// bytes, so it has no rights.
#pragma once

namespace igd {

/// The argument by which upnpd itself knows that it is to ask the gateway above.
constexpr const char* kAskAboveArgument = "--ask-above";

/// Runs the whole process; the engine is at kEngineDescriptor. When the engine ends, all ports are
/// given back. Returns the exit status.
[[nodiscard]] int runAboveProcess();

}  // namespace igd
