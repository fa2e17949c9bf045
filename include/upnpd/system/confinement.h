// SPDX-License-Identifier: GPL-2.0-or-later
// These functions limit what this process and its children may ask of the kernel from now on
// (seccomp(2)). There is no way back. They are called after the rights are given up. They throw
// std::runtime_error when something fails, because a daemon that could not confine itself does not
// start.
#pragma once

#include "upnpd/system/privileges.h"

#include <optional>

namespace igd {

/// Confines the engine, which starts front ends and firewall tools and writes the lease file. It
/// may do everything but what a daemon of this kind never does: tracing other processes, mounting,
/// loading modules or other kernels or BPF, setting the clock, namespaces, key rings, io_uring and
/// becoming somebody else fail with EPERM. Its children may become `frontEnd`, if there is one.
void confineEngine(const std::optional<SystemUser>& frontEnd = std::nullopt);

/// Confines a process that reads strangers' bytes. It may use sockets, memory, threads, time and
/// files that it reads, and nothing else. The calls fork, exec, ptrace, mount and those for modules
/// end the process with SIGSYS; all other calls fail with EPERM, also opening a file for writing,
/// new executable memory, and signals to other processes.
void confineFrontEnd();

}  // namespace igd
