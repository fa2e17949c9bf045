// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/confinement.h"

#include "call_lists.h"
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
#include <string_view>

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

/// i386, mips and s390x have socketcall() too. The library allows it with these, but its arguments
/// lie in memory, where no filter sees the family: there the missing capabilities alone limit a
/// socket.
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

/// The arguments of mmap() lie in memory on i386 and s390x, where no filter sees them. On i386 libc
/// needs mmap2 alone; on s390x there is no other call, so memory for code can be had there.
void allowMemory(Filter& filter) {
    for (const int call : {SCMP_SYS(mmap2), SCMP_SYS(mprotect)})
        filter.add(SCMP_ACT_ALLOW, call, {without(2, PROT_EXEC)});
#if defined(__s390__)
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(mmap), {});
#elif !defined(__i386__)
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(mmap), {without(2, PROT_EXEC)});
#endif
}

/// fstat() is one of these, with one name or another; with this flag they are about a descriptor.
void allowLookingAtDescriptors(Filter& filter) {
    constexpr scmp_datum_t kFlag = AT_EMPTY_PATH;
    for (const int call : {SCMP_SYS(newfstatat), SCMP_SYS(fstatat64)})
        filter.add(SCMP_ACT_ALLOW, call, {{3, SCMP_CMP_MASKED_EQ, kFlag, kFlag}});
    filter.add(SCMP_ACT_ALLOW, SCMP_SYS(statx), {{2, SCMP_CMP_MASKED_EQ, kFlag, kFlag}});
}

/// Lets abort() end the process (glibc's by tgkill, musl's by tkill), and libc look at its limits.
void allowEnd(Filter& filter) {
    const auto own = static_cast<std::uint64_t>(::getpid());
    for (const int call : {SCMP_SYS(tgkill), SCMP_SYS(tkill)})
        filter.add(SCMP_ACT_ALLOW, call, {equals(0, own)});
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

void confineEngine(const std::optional<SystemUser>& frontEnd, Seccomp seccomp) {
    if (!kernelHasFilters()) {
        constexpr std::string_view kNone = "this kernel has no seccomp (CONFIG_SECCOMP_FILTER)";
        if (seccomp == Seccomp::Required)
            throw std::runtime_error{fmt::format("{}, and require_seccomp is yes", kNone)};
        return log::warning(
            "system: {}: a process of upnpd that is taken over is held by its account alone",
            kNone);
    }
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
