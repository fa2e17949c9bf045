// SPDX-License-Identifier: GPL-2.0-or-later
// A process of its own gives up its rights, runs a program of the administrator's and ends it when
// it takes too long. The engine cannot: it must not wait, and may not end a process of another
// account.
#pragma once

#include <string>

namespace igd {

/// The argument by which upnpd itself knows that it is to run a program.
constexpr const char* kRunProgramArgument = "--run-program";

/// Runs the program at `path`, whose standard input is what can be read at kEngineDescriptor, with
/// no more rights than a front end has and the engine's list of forbidden calls, and ends it and
/// all that it has started after 30 s, or when the engine ends. Returns its exit status: 128 and
/// the number of the signal where one has ended it, 127 where it could not be run. Throws
/// std::runtime_error when the rights cannot be given up.
[[nodiscard]] int runProgram(const std::string& path);

}  // namespace igd
