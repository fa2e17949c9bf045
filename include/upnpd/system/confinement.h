// SPDX-License-Identifier: GPL-2.0-or-later
// These functions limit what this process and its children may ask of the kernel from now on
// (seccomp(2), landlock(7)). There is no way back. They are called after the rights are given up,
// and before a thread is started. They throw std::runtime_error when something fails, because a
// daemon that could not confine itself does not start; on a kernel without seccomp it does, unless
// the engine was told otherwise: its children meet the same kernel.
#pragma once

#include "upnpd/system/privileges.h"

#include <optional>

namespace igd {

/// Whether a kernel without seccomp ends the start, or is a warning.
enum class Seccomp { IfPossible, Required };

/// Confines the engine, which starts front ends and firewall tools and writes the lease file. It
/// may do everything but what a daemon of this kind never does: tracing other processes, mounting,
/// loading modules or other kernels or BPF, setting the clock, namespaces, key rings, io_uring and
/// becoming somebody else fail with EPERM. Its children may become `frontEnd`, if there is one.
void confineEngine(const std::optional<SystemUser>& frontEnd = std::nullopt,
                   Seccomp seccomp = Seccomp::IfPossible);

/// Confines a front end, which reads strangers' bytes in one thread. It may use sockets, memory and
/// time, and nothing else: no file, and no thread. The calls fork, exec, ptrace, mount and those
/// for modules end the process with SIGSYS; all other calls fail with EPERM (opening a file with
/// EACCES, where the kernel has Landlock), also new executable memory, and signals to other
/// processes.
void confineFrontEnd();

/// Confines an advertiser: as a front end, but libupnp may start threads.
void confineAdvertiser();

/// Confines a process that asks a STUN server: as a front end, but it may read files, by which the
/// name of the server is resolved.
void confineStunClient();

}  // namespace igd
