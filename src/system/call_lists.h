// SPDX-License-Identifier: GPL-2.0-or-later
// Lists of system calls, from which the filters of confinement.cpp are made.
#pragma once

#include <seccomp.h>

#include <initializer_list>

#include <sys/syscall.h>

namespace igd {

using Calls = std::initializer_list<int>;

/// Calls of ARM alone. libseccomp's headers do not know the kernel's numbers of these, and a rule
/// for the number that they have in their place is left out without a word.
#ifdef __ARM_NR_set_tls
constexpr int kSetTls = __ARM_NR_set_tls;
constexpr int kCacheflush = __ARM_NR_cacheflush;
#else
constexpr int kSetTls = SCMP_SYS(set_tls);
constexpr int kCacheflush = SCMP_SYS(cacheflush);
#endif

/// A front end that makes one of these calls has been taken over: they are attacks, and nothing
/// else. Example: a flaw in the XML parser lets a request run its own code, which calls
/// execve("/bin/sh"). The kernel kills the front end, the engine logs "killed by signal 31", starts
/// another, and the mappings never notice. A call that is in no list, such as unlink(), fails with
/// EPERM instead.
constexpr Calls kAttacks{SCMP_SYS(execve),
                         SCMP_SYS(execveat),
                         SCMP_SYS(fork),
                         SCMP_SYS(vfork),
                         SCMP_SYS(ptrace),
                         SCMP_SYS(process_vm_readv),
                         SCMP_SYS(process_vm_writev),
                         SCMP_SYS(mount),
                         SCMP_SYS(umount),
                         SCMP_SYS(umount2),
                         SCMP_SYS(move_mount),
                         SCMP_SYS(open_tree),
                         SCMP_SYS(fsopen),
                         SCMP_SYS(pivot_root),
                         SCMP_SYS(chroot),
                         SCMP_SYS(init_module),
                         SCMP_SYS(finit_module),
                         SCMP_SYS(delete_module),
                         SCMP_SYS(kexec_load),
                         SCMP_SYS(kexec_file_load),
                         SCMP_SYS(bpf)};

/// The engine starts programs, so its list has no exec; it names only calls that no such daemon
/// makes, and they fail with EPERM. Everything else stays allowed, because the firewall tools that
/// the engine starts inherit the filter.
constexpr Calls kNotForTheEngine{SCMP_SYS(ptrace),
                                 SCMP_SYS(process_vm_readv),
                                 SCMP_SYS(process_vm_writev),
                                 SCMP_SYS(kcmp),
                                 SCMP_SYS(pidfd_getfd),
                                 SCMP_SYS(mount),
                                 SCMP_SYS(umount),
                                 SCMP_SYS(umount2),
                                 SCMP_SYS(move_mount),
                                 SCMP_SYS(open_tree),
                                 SCMP_SYS(fsopen),
                                 SCMP_SYS(fsconfig),
                                 SCMP_SYS(fsmount),
                                 SCMP_SYS(fspick),
                                 SCMP_SYS(pivot_root),
                                 SCMP_SYS(chroot),
                                 SCMP_SYS(setns),
                                 SCMP_SYS(unshare),
                                 SCMP_SYS(init_module),
                                 SCMP_SYS(finit_module),
                                 SCMP_SYS(delete_module),
                                 SCMP_SYS(kexec_load),
                                 SCMP_SYS(kexec_file_load),
                                 SCMP_SYS(bpf),
                                 SCMP_SYS(perf_event_open),
                                 SCMP_SYS(reboot),
                                 SCMP_SYS(swapon),
                                 SCMP_SYS(swapoff),
                                 SCMP_SYS(settimeofday),
                                 SCMP_SYS(stime),
                                 SCMP_SYS(clock_settime),
                                 SCMP_SYS(clock_settime64),
                                 SCMP_SYS(adjtimex),
                                 SCMP_SYS(clock_adjtime),
                                 SCMP_SYS(clock_adjtime64),
                                 SCMP_SYS(sethostname),
                                 SCMP_SYS(setdomainname),
                                 SCMP_SYS(iopl),
                                 SCMP_SYS(ioperm),
                                 SCMP_SYS(acct),
                                 SCMP_SYS(quotactl),
                                 SCMP_SYS(add_key),
                                 SCMP_SYS(request_key),
                                 SCMP_SYS(keyctl),
                                 SCMP_SYS(open_by_handle_at),
                                 SCMP_SYS(userfaultfd),
                                 SCMP_SYS(io_uring_setup),
                                 SCMP_SYS(io_uring_enter),
                                 SCMP_SYS(io_uring_register),
                                 SCMP_SYS(mknod),
                                 SCMP_SYS(mknodat),
                                 SCMP_SYS(setuid),
                                 SCMP_SYS(setgid),
                                 SCMP_SYS(setreuid),
                                 SCMP_SYS(setregid),
                                 SCMP_SYS(setgroups),
                                 SCMP_SYS(setuid32),
                                 SCMP_SYS(setgid32),
                                 SCMP_SYS(setreuid32),
                                 SCMP_SYS(setregid32),
                                 SCMP_SYS(setgroups32)};

constexpr Calls kForHelpers{
    // These calls are for memory, time and signals of its own.
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
    SCMP_SYS(rseq), SCMP_SYS(membarrier), SCMP_SYS(arch_prctl), SCMP_SYS(gettid), SCMP_SYS(getpid),
    SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(sched_yield), SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday),
    SCMP_SYS(time), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_gettime),
    SCMP_SYS(restart_syscall), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack), SCMP_SYS(getrandom),
    SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrusage), SCMP_SYS(getcpu),
    // These are for descriptors.
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3),
    SCMP_SYS(fcntl), SCMP_SYS(lseek), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(eventfd2),
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(_newselect),
    SCMP_SYS(epoll_create), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(fstat),
    // These are for sockets.
    SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(connect),
    SCMP_SYS(shutdown), SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt), SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg)};

/// These look at files, and change none.
constexpr Calls kForReaders{SCMP_SYS(stat),       SCMP_SYS(lstat),      SCMP_SYS(newfstatat),
                            SCMP_SYS(statx),      SCMP_SYS(access),     SCMP_SYS(faccessat),
                            SCMP_SYS(faccessat2), SCMP_SYS(readlink),   SCMP_SYS(getcwd),
                            SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(fstatfs),
                            SCMP_SYS(statfs),     SCMP_SYS(stat64),     SCMP_SYS(lstat64),
                            SCMP_SYS(fstatat64),  SCMP_SYS(statfs64),   SCMP_SYS(fstatfs64)};

/// A library that starts threads makes these.
constexpr Calls kForThreads{SCMP_SYS(set_robust_list),        SCMP_SYS(get_robust_list),
                            SCMP_SYS(set_tid_address),        SCMP_SYS(sched_getaffinity),
                            SCMP_SYS(sched_getparam),         SCMP_SYS(sched_getscheduler),
                            SCMP_SYS(sched_setscheduler),     SCMP_SYS(sched_get_priority_max),
                            SCMP_SYS(sched_get_priority_min), SCMP_SYS(futex_waitv)};

/// Machines with words of 32 bits have these names: with 64 for the time, and for numbers that have
/// grown.
constexpr Calls kForHelpersOf32Bits{SCMP_SYS(clock_gettime64),
                                    SCMP_SYS(clock_getres_time64),
                                    SCMP_SYS(clock_nanosleep_time64),
                                    SCMP_SYS(futex_time64),
                                    SCMP_SYS(pselect6_time64),
                                    SCMP_SYS(ppoll_time64),
                                    SCMP_SYS(recvmmsg_time64),
                                    SCMP_SYS(rt_sigtimedwait_time64),
                                    SCMP_SYS(timerfd_settime64),
                                    SCMP_SYS(timerfd_gettime64),
                                    SCMP_SYS(fstat64),
                                    SCMP_SYS(fcntl64),
                                    SCMP_SYS(_llseek),
                                    SCMP_SYS(getuid32),
                                    SCMP_SYS(geteuid32),
                                    SCMP_SYS(getgid32),
                                    SCMP_SYS(getegid32),
                                    SCMP_SYS(getrlimit),
                                    SCMP_SYS(ugetrlimit),
                                    SCMP_SYS(send),
                                    SCMP_SYS(recv),
                                    SCMP_SYS(sigreturn),
                                    SCMP_SYS(set_thread_area),
                                    kSetTls,
                                    kCacheflush};

}  // namespace igd
