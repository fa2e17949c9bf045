// SPDX-License-Identifier: GPL-2.0-or-later
// The lists are compiled for one machine; these tests read them as other machines would.
#include "call_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <set>
#include <string>

namespace igd {
namespace {

using Names = std::set<std::string>;

std::string nameOf(int call) {
    const std::unique_ptr<char, decltype(&std::free)> name{
        ::seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call), &std::free};
    return name ? name.get() : "";
}

Names namesOf(std::initializer_list<Calls> lists) {
    Names names;
    for (const Calls& list : lists)
        for (const int call : list) names.insert(nameOf(call));
    return names;
}

/// Returns what an advertiser may call, on any machine; confinement.cpp allows the last lines under
/// conditions.
Names allowed() {
    Names names = namesOf({kForHelpers, kForHelpersOf32Bits, kForThreads});
    names.insert({"socket", "socketpair", "ioctl", "mmap", "mmap2", "mprotect", "newfstatat",
                  "fstatat64", "statx", "tgkill", "tkill", "prlimit64", "clone", "clone3",
                  "prctl"});
    return names;
}

struct Machine {
    std::uint32_t arch;
    /// The calls that glibc or musl make there for what is one call on x86-64, and others of that
    /// machine alone.
    Names calls;
};

/// On all machines the two make these for memory, time, threads and sockets.
const Names kEverywhere{"brk",
                        "munmap",
                        "mremap",
                        "madvise",
                        "mprotect",
                        "futex",
                        "clone",
                        "clone3",
                        "set_robust_list",
                        "sched_getaffinity",
                        "gettid",
                        "tgkill",
                        "tkill",
                        "exit",
                        "exit_group",
                        "rt_sigaction",
                        "rt_sigreturn",
                        "rt_sigprocmask",
                        "sigaltstack",
                        "restart_syscall",
                        "getrandom",
                        "prctl",
                        "prlimit64",
                        "read",
                        "readv",
                        "write",
                        "writev",
                        "close",
                        "ioctl",
                        "dup3",
                        "pipe2",
                        "eventfd2",
                        "epoll_create1",
                        "epoll_ctl",
                        "epoll_pwait",
                        "ppoll",
                        "pselect6",
                        "statx",
                        "timerfd_create",
                        "clock_gettime",
                        "socket",
                        "socketpair",
                        "bind",
                        "listen",
                        "accept4",
                        "connect",
                        "shutdown",
                        "getsockname",
                        "getpeername",
                        "getsockopt",
                        "setsockopt",
                        "sendto",
                        "recvfrom",
                        "sendmsg",
                        "recvmsg",
                        "sendmmsg",
                        "recvmmsg"};

/// On machines with words of 32 bits: time of 64 bits (musl, and glibc's of Debian 13), large files
/// and users, and the two calls that are older than sendto and recvfrom.
const Names kWith32Bits{"mmap2",
                        "fstat64",
                        "fstatat64",
                        "fcntl64",
                        "_llseek",
                        "poll",
                        "epoll_wait",
                        "_newselect",
                        "send",
                        "recv",
                        "sigreturn",
                        "clock_gettime64",
                        "clock_getres_time64",
                        "clock_nanosleep_time64",
                        "futex_time64",
                        "ppoll_time64",
                        "pselect6_time64",
                        "recvmmsg_time64",
                        "rt_sigtimedwait_time64",
                        "timerfd_gettime64",
                        "timerfd_settime64"};

/// On machines with words of 64 bits.
const Names kWith64Bits{"mmap",   "fstat",           "newfstatat",     "fcntl",
                        "lseek",  "clock_nanosleep", "nanosleep",      "timerfd_settime",
                        "getuid", "geteuid",         "rt_sigtimedwait"};

Names all(std::initializer_list<Names> parts) {
    Names names;
    for (const Names& part : parts) names.insert(part.begin(), part.end());
    return names;
}

/// With these numbers libseccomp means both the call itself and socketcall(), which i386, mips and
/// s390x have too.
bool isSocketcall(int number) {
    return number <= -101 && number >= -120;
}

class OnMachine : public ::testing::TestWithParam<Machine> {};

TEST_P(OnMachine, TheListsHaveWhatLibcCalls) {
    const Names allowedCalls = allowed();
    for (const std::string& name : GetParam().calls) {
        const int number = ::seccomp_syscall_resolve_name_arch(GetParam().arch, name.c_str());
        EXPECT_TRUE(number >= 0 || isSocketcall(number)) << name << " is no call of this machine";
        EXPECT_TRUE(allowedCalls.contains(name)) << name;
    }
}

TEST_P(OnMachine, EachNameOfTheListsIsKnown) {
    for (const std::string& name : namesOf({kAttacks, kNotForTheEngine, kForHelpers, kForReaders,
                                            kForThreads, kForHelpersOf32Bits}))
        EXPECT_NE(::seccomp_syscall_resolve_name_arch(GetParam().arch, name.c_str()),
                  __NR_SCMP_ERROR)
            << name;
}

INSTANTIATE_TEST_SUITE_P(
    CallLists, OnMachine,
    ::testing::Values(
        Machine{SCMP_ARCH_X86_64,
                all({kEverywhere, kWith64Bits, {"arch_prctl", "poll", "epoll_wait", "select"}})},
        Machine{SCMP_ARCH_AARCH64, all({kEverywhere, kWith64Bits})},
        Machine{SCMP_ARCH_S390X, all({kEverywhere, kWith64Bits, {"poll", "epoll_wait", "select"}})},
        Machine{
            SCMP_ARCH_ARM,
            all({kEverywhere, kWith32Bits, {"getuid32", "ugetrlimit", "set_tls", "cacheflush"}})},
        Machine{SCMP_ARCH_X86,
                all({kEverywhere, kWith32Bits, {"getuid32", "ugetrlimit", "set_thread_area"}})},
        Machine{SCMP_ARCH_MIPS,
                all({kEverywhere,
                     kWith32Bits,
                     {"getuid", "getrlimit", "pipe", "set_thread_area", "cacheflush"}})}));

TEST(CallLists, RefuseTheEngineEachWayToSetTheClockOrToUnmount) {
    EXPECT_THAT(namesOf({kNotForTheEngine}),
                ::testing::IsSupersetOf({"stime", "settimeofday", "clock_settime",
                                         "clock_settime64", "adjtimex", "clock_adjtime",
                                         "clock_adjtime64", "umount", "umount2"}));
}

}  // namespace
}  // namespace igd
