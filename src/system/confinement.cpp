// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/confinement.h"

#include "landlock.h"

#include "upnpd/util/log.h"

#include <fmt/format.h>
#include <seccomp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <initializer_list>
#include <memory>
#include <stdexcept>

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace igd {
namespace {

using Calls = std::initializer_list<int>;

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
                                 SCMP_SYS(clock_settime),
                                 SCMP_SYS(adjtimex),
                                 SCMP_SYS(clock_adjtime),
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
                                    SCMP_SYS(set_tls),
                                    SCMP_SYS(cacheflush)};

constexpr std::initializer_list<unsigned long> kReadingIoctls{
    FIONBIO,      FIONREAD,    TCGETS,         SIOCGIFCONF,    SIOCGIFFLAGS,  SIOCGIFADDR,
    SIOCGIFINDEX, SIOCGIFNAME, SIOCGIFNETMASK, SIOCGIFBRDADDR, SIOCGIFHWADDR, SIOCGIFMTU};

/// Returns whether the kernel has seccomp's filters: it looks for one at an address where none can
/// be, or does not know what is asked.
bool kernelHasFilters() {
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr, 0, 0) == 0 || errno != EINVAL;
}

class Filter {
public:
    explicit Filter(std::uint32_t otherwise)
        : context_(::seccomp_init(otherwise), &::seccomp_release) {
        if (!context_) throw std::runtime_error("seccomp: no filter can be made");
    }

    void all(std::uint32_t action, Calls calls) {
        for (const int call : calls) add(action, call, {});
    }
    /// Adds a rule that holds when all of `conditions` do. The library leaves out calls that this
    /// machine does not have.
    void add(std::uint32_t action, int call, std::initializer_list<scmp_arg_cmp> conditions) {
        check(::seccomp_rule_add_array(context_.get(), action, call,
                                       static_cast<unsigned>(conditions.size()),
                                       conditions.begin()));
    }
    void load() { check(::seccomp_load(context_.get())); }

private:
    static void check(int result) {
        if (result < 0)
            throw std::runtime_error(fmt::format("seccomp: the kernel does not take the filter: {}",
                                                 std::strerror(-result)));
    }
    std::unique_ptr<void, decltype(&::seccomp_release)> context_;
};

scmp_arg_cmp equals(unsigned argument, std::uint64_t value) {
    return {argument, SCMP_CMP_EQ, value, 0};
}

/// Returns the condition that none of `bits` is set. Example: without(1, O_ACCMODE | O_CREAT | ...)
/// lets open() read an existing file, and nothing else.
scmp_arg_cmp without(unsigned argument, std::uint64_t bits) {
    return {argument, SCMP_CMP_MASKED_EQ, bits, 0};
}

void allowSockets(Filter& filter) {
    for (const int family : {AF_INET, AF_INET6, AF_UNIX})
        filter.add(SCMP_ACT_ALLOW, SCMP_SYS(socket), {equals(0, static_cast<unsigned>(family))});
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(socket), {equals(0, AF_NETLINK), equals(2, NETLINK_ROUTE)});
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(socketpair), {equals(0, AF_UNIX)});
    for (const unsigned long request : kReadingIoctls)
        filter.add(SCMP_ACT_ALLOW, SCMP_SYS(ioctl), {equals(1, request)});
}

void allowReadingFiles(Filter& filter) {
    constexpr std::uint64_t kWriting = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(open), {without(1, kWriting)});
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(openat), {without(2, kWriting)});
}

void allowMemory(Filter& filter) {
    for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mmap2), SCMP_SYS(mprotect)})
        filter.add(SCMP_ACT_ALLOW, call, {without(2, PROT_EXEC)});
}

/// fstat() is one of these, with one name or another; with this flag they are about a descriptor.
void allowLookingAtDescriptors(Filter& filter) {
    constexpr scmp_datum_t kFlag = AT_EMPTY_PATH;
    for (const int call : {SCMP_SYS(newfstatat), SCMP_SYS(fstatat64)})
        filter.add(SCMP_ACT_ALLOW, call, {{3, SCMP_CMP_MASKED_EQ, kFlag, kFlag}});
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(statx), {{2, SCMP_CMP_MASKED_EQ, kFlag, kFlag}});
}

/// Lets abort() end the process, and libc look at its limits.
void allowEnd(Filter& filter) {
    const auto own = static_cast<std::uint64_t>(::getpid());
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(tgkill), {equals(0, own)});
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), {equals(2, 0)});  // asks, changes nothing
}

void allowThreads(Filter& filter) {
#ifdef __s390__
    constexpr unsigned kFlags = 1;
#else
    constexpr unsigned kFlags = 0;
#endif
    filter.all(SCMP_ACT_ALLOW, kForThreads);
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(clone),
               {{kFlags, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD}});
    // The flags of clone3 lie in memory, where no filter sees them; with ENOSYS the library falls
    // back to clone.
    filter.add(SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), {});
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(prctl), {equals(0, PR_SET_NAME)});
}

void giveUpFiles() {
    ::tzset();  // the times of syslog's lines are local
    closeFileSystem();
}

/// Returns what every helper may do.
Filter helperFilter() {
    Filter filter{SCMP_ACT_ERRNO(EPERM)};
    filter.all(SCMP_ACT_KILL_PROCESS, kAttacks);
    filter.all(SCMP_ACT_ALLOW, kForHelpers);
    filter.all(SCMP_ACT_ALLOW, kForHelpersOf32Bits);
    allowSockets(filter);
    allowMemory(filter);
    allowLookingAtDescriptors(filter);
    allowEnd(filter);
    return filter;
}

/// Refuses `call` unless its three arguments are `ids`. Each rule is about one argument, and any of
/// them refuses.
void refuseAllBut(Filter& filter, int call, const std::array<std::uint64_t, 3>& ids) {
    for (unsigned argument = 0; argument < ids.size(); ++argument)
        filter.add(SCMP_ACT_ERRNO(EPERM), call, {{argument, SCMP_CMP_NE, ids[argument], 0}});
}

/// Lets a child become `frontEnd` in the one way in which dropAllRights() does it, and nobody else.
void limitAccounts(Filter& filter, const std::optional<SystemUser>& frontEnd) {
    const Calls users{SCMP_SYS(setresuid), SCMP_SYS(setresuid32)};
    const Calls groups{SCMP_SYS(setresgid), SCMP_SYS(setresgid32)};
    if (!frontEnd) {
        filter.all(SCMP_ACT_ERRNO(EPERM), users);
        return filter.all(SCMP_ACT_ERRNO(EPERM), groups);
    }
    const auto& [name, uid, gid] = *frontEnd;
    for (const int call : users) refuseAllBut(filter, call, {uid, uid, ::getuid()});
    for (const int call : groups) refuseAllBut(filter, call, {gid, gid, gid});
}

}  // namespace

void confineEngine(const std::optional<SystemUser>& frontEnd) {
    if (!kernelHasFilters())
        return log::warning(
            "system: this kernel has no seccomp (CONFIG_SECCOMP_FILTER): a process of upnpd that "
            "is taken over is held by its account alone");
    Filter filter{SCMP_ACT_ALLOW};
    filter.all(SCMP_ACT_ERRNO(EPERM), kNotForTheEngine);
    limitAccounts(filter, frontEnd);
    filter.load();
}

void confineFrontEnd() {
    giveUpFiles();
    if (kernelHasFilters()) helperFilter().load();
}

void confineAdvertiser() {
    giveUpFiles();
    if (!kernelHasFilters()) return;
    Filter filter = helperFilter();
    allowThreads(filter);
    filter.load();
}

void confineStunClient() {
    if (!kernelHasFilters()) return;
    Filter filter = helperFilter();
    filter.all(SCMP_ACT_ALLOW, kForReaders);
    allowReadingFiles(filter);
    filter.load();
}

}  // namespace igd
