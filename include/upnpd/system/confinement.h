// SPDX-License-Identifier: GPL-2.0-or-later
// What this process and its children may ask of the kernel from now on (seccomp(2)); there is no
// way back. To be called after the rights are given up. Whatever fails throws std::runtime_error: a
// daemon that could not confine itself does not start.
#pragma once

namespace igd {

/// For the engine, which starts front ends and firewall tools and writes the lease file: everything
/// but what a daemon of this kind never does. Tracing other processes, mounting, loading modules or
/// other kernels or BPF, setting the clock, namespaces, key rings, io_uring and becoming somebody
/// else fail with EPERM.
void confineEngine();

/// For a process that reads strangers' bytes: sockets, memory, threads, time and reading files, and
/// nothing else. fork, exec, ptrace, mount and module calls end the process with SIGSYS, all other
/// calls fail with EPERM: so do opening a file for writing, new executable memory, and signals to
/// other processes.
void confineFrontEnd();

}  // namespace igd
