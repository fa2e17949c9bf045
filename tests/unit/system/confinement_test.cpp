// SPDX-License-Identifier: GPL-2.0-or-later
// Each deed is tried in a child that confined itself.
#include "upnpd/system/confinement.h"

#include "landlock.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

/// Returns 0, or -1 with errno as a system call does.
using Deed = std::function<long()>;

/// "done", the name of the error, or the signal that ended the child.
std::string outcomeOf(const std::function<void()>& confine, const Deed& deed) {
    const pid_t child = ::fork();
    if (child == 0) {
        confine();
        errno = 0;
        ::_exit(deed() >= 0 ? 0 : errno);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return ::strsignal(WTERMSIG(status));
    return WEXITSTATUS(status) == 0 ? "done" : ::strerrorname_np(WEXITSTATUS(status));
}

std::string inFrontEnd(const Deed& deed) {
    return outcomeOf(&confineFrontEnd, deed);
}
std::string inEngine(const Deed& deed) {
    return outcomeOf([] { confineEngine(); }, deed);
}

template <class... Arguments>
Deed call(long number, Arguments... arguments) {
    return [=] { return ::syscall(number, arguments...); };
}

long startThread() {
    try {
        bool ran = false;
        std::thread{[&] { ran = true; }}.join();
        return ran ? 0 : -1;
    } catch (const std::system_error& error) {
        errno = error.code().value();
        return -1;
    }
}

/// An emulator of another machine has no filters either: they would be about the calls that it
/// makes.
class Confined : public ::testing::Test {
protected:
    void SetUp() override {
        if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr, 0, 0) != 0 && errno == EINVAL)
            GTEST_SKIP() << "this kernel has no filters of seccomp";
    }
};
class ConfinedFrontEnd : public Confined {};
class ConfinedAdvertiser : public Confined {};
class ConfinedStunClient : public Confined {};
class ConfinedEngine : public Confined {};

const std::string kKilled = ::strsignal(SIGSYS);
char kShell[] = "/bin/true";

TEST_F(ConfinedFrontEnd, DiesOfAnAttack) {
    char* const arguments[] = {kShell, nullptr};
    EXPECT_EQ(inFrontEnd([&] { return ::execv(kShell, arguments); }), kKilled);
    EXPECT_EQ(inFrontEnd(call(SYS_ptrace, PTRACE_ATTACH, ::getppid(), 0, 0)), kKilled);
    EXPECT_EQ(inFrontEnd([] { return ::mount("none", "/mnt", "tmpfs", 0, nullptr); }), kKilled);
    EXPECT_EQ(inFrontEnd(call(SYS_init_module, "", 0, "")), kKilled);
    EXPECT_EQ(inFrontEnd(call(SYS_bpf, 0, 0, 0)), kKilled);
#ifdef SYS_fork
    EXPECT_EQ(inFrontEnd(call(SYS_fork)), kKilled);
#endif
}

TEST_F(ConfinedFrontEnd, CannotStartProcessesOrReachOthers) {
    EXPECT_EQ(inFrontEnd([] { return ::fork(); }), "EPERM");
    EXPECT_EQ(inFrontEnd([parent = ::getpid()] { return ::kill(parent, 0); }), "EPERM");
    EXPECT_EQ(inFrontEnd(call(SYS_unshare, 0)), "EPERM");
    EXPECT_EQ(inFrontEnd(call(SYS_setuid, 0)), "EPERM");
}

TEST_F(ConfinedFrontEnd, WritesNoFile) {
    const std::string path = testing::TempDir() + "confined";
    const char* const name = path.c_str();
    EXPECT_EQ(inFrontEnd([=] { return ::open(name, O_WRONLY | O_CREAT, 0600); }), "EPERM");
    EXPECT_EQ(inFrontEnd([] { return ::open("/dev/null", O_RDWR); }), "EPERM");
    EXPECT_EQ(inFrontEnd([=] { return ::unlink(name); }), "EPERM");
    EXPECT_EQ(inFrontEnd([=] { return ::rename("/tmp/x", name); }), "EPERM");
    EXPECT_EQ(inFrontEnd([=] { return ::mkdir(name, 0700); }), "EPERM");
    EXPECT_EQ(inFrontEnd([=] { return ::chmod("/tmp", 0700); }), "EPERM");
}

TEST_F(ConfinedFrontEnd, MakesNoCode) {
#ifndef __s390__  // no filter sees what is mapped there
    EXPECT_EQ(inFrontEnd([] {
                  void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                  return page == MAP_FAILED ? -1 : 0;
              }),
              "EPERM");
#endif
    EXPECT_EQ(inFrontEnd([] {
                  void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
                                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                  return ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
              }),
              "EPERM");
}

TEST_F(ConfinedFrontEnd, HasNoFilesAndNoThreads) {
    EXPECT_EQ(inFrontEnd([] { return ::open("/proc/self/status", O_RDONLY); }), "EPERM");
    EXPECT_EQ(inFrontEnd([] { return ::access("/etc/passwd", R_OK); }), "EPERM");
    EXPECT_EQ(inFrontEnd(&startThread), "EPERM");
    EXPECT_EQ(inFrontEnd(call(SYS_sched_setscheduler, 0, SCHED_OTHER, nullptr)), "EPERM");
}

TEST_F(ConfinedAdvertiser, HasThreadsButNoFiles) {
    EXPECT_EQ(outcomeOf(&confineAdvertiser, &startThread), "done");
    EXPECT_NE(outcomeOf(&confineAdvertiser, [] { return ::open("/etc/passwd", O_RDONLY); }),
              "done");
    EXPECT_EQ(outcomeOf(&confineAdvertiser, [] { return ::fork(); }), "EPERM");
}

TEST_F(ConfinedStunClient, ReadsFiles) {
    EXPECT_EQ(outcomeOf(&confineStunClient, [] { return ::open("/etc/passwd", O_RDONLY); }),
              "done");
    EXPECT_EQ(outcomeOf(&confineStunClient, [] { return ::open("/dev/null", O_RDWR); }), "EPERM");
    EXPECT_EQ(outcomeOf(&confineStunClient, &startThread), "EPERM");
}

/// Whatever seccomp would forbid, on a kernel that has it.
TEST(AnyHelper, IsKeptFromFilesByLandlock) {
    const auto inLandlock = [](const Deed& deed) { return outcomeOf(&closeFileSystem, deed); };
    const bool isThere = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) > 0;
    if (!isThere) GTEST_SKIP() << "this kernel has no Landlock";
    EXPECT_EQ(inLandlock([] { return ::open("/etc/passwd", O_RDONLY); }), "EACCES");
    EXPECT_EQ(inLandlock([] { return ::mkdir("/tmp/landlocked", 0700); }), "EACCES");
    EXPECT_EQ(inLandlock([] { return ::socket(AF_INET, SOCK_STREAM, 0); }), "done");
}

/// A kernel without seccomp, as far as seccomp itself can make one.
void withoutSeccomp() {
    sock_filter program[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 3, 0),
                             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
                             BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
                             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
                             BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
                             BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog filter{std::size(program), program};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}

TEST(AnyProcess, GoesOnWhereTheKernelHasNoSeccomp) {
    EXPECT_EQ(outcomeOf(
                  [] {
                      withoutSeccomp();
                      confineFrontEnd();
                  },
                  [] { return ::kill(::getppid(), 0); }),
              "done");
    EXPECT_EQ(outcomeOf(
                  [] {
                      withoutSeccomp();
                      confineEngine();
                  },
                  [] { return 0; }),
              "done");
}

TEST_F(ConfinedEngine, EndsTheStartWhereSeccompIsRequiredAndMissing) {
    const auto required = [] { confineEngine(std::nullopt, Seccomp::Required); };
    EXPECT_EQ(outcomeOf(required, [] { return 0; }), "done");
    const Deed startWithout = [&] {
        withoutSeccomp();
        try {
            required();
        } catch (const std::runtime_error&) {
            errno = ECANCELED;
            return -1;
        }
        return 0;
    };
    EXPECT_EQ(outcomeOf([] {}, startWithout), "ECANCELED");
}

TEST_F(ConfinedFrontEnd, DoesItsWork) {
    EXPECT_EQ(inFrontEnd([] { return ::socket(AF_INET, SOCK_STREAM, 0); }), "done");
    EXPECT_EQ(inFrontEnd([] {
                  struct stat status {};
                  return ::fstat(0, &status);
              }),
              "done");
    EXPECT_EQ(inFrontEnd([] {
                  ifaddrs* all = nullptr;
                  return ::getifaddrs(&all);
              }),
              "done");
}

#ifdef SYS_socket
TEST_F(ConfinedFrontEnd, OpensNoOtherSocket) {
    EXPECT_EQ(inFrontEnd(call(SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER)), "EPERM");
    EXPECT_EQ(inFrontEnd(call(SYS_socket, AF_PACKET, SOCK_RAW, 0)), "EPERM");
}
#endif

TEST_F(ConfinedEngine, StartsProgramsAndWritesFiles) {
    EXPECT_EQ(inEngine([] {
                  const pid_t child = ::fork();
                  char* const arguments[] = {kShell, nullptr};
                  if (child == 0) ::execv(kShell, arguments);
                  int status = 0;
                  ::waitpid(child, &status, 0);
                  return status == 0 ? 0 : -1;
              }),
              "done");
    EXPECT_EQ(inEngine([] { return ::open("/dev/null", O_RDWR); }), "done");
}

TEST_F(ConfinedEngine, DoesNothingElseThatRootMight) {
    EXPECT_EQ(inEngine(call(SYS_ptrace, PTRACE_ATTACH, ::getppid(), 0, 0)), "EPERM");
    EXPECT_EQ(inEngine([] { return ::mount("none", "/mnt", "tmpfs", 0, nullptr); }), "EPERM");
    EXPECT_EQ(inEngine(call(SYS_init_module, "", 0, "")), "EPERM");
    EXPECT_EQ(inEngine(call(SYS_bpf, 0, 0, 0)), "EPERM");
    EXPECT_EQ(inEngine(call(SYS_setresuid, 0, 0, 0)), "EPERM");
    EXPECT_EQ(inEngine([] {
                  timespec now{};
                  ::clock_gettime(CLOCK_REALTIME, &now);
                  return ::syscall(SYS_clock_settime, CLOCK_REALTIME, &now);
              }),
              "EPERM");
}

TEST_F(ConfinedEngine, LetsItsChildrenBecomeOneAccountInOneWay) {
    const SystemUser frontEnd{.name = "front", .uid = 1234, .gid = 1235};
    const auto change = [&](long number, unsigned one, unsigned two, unsigned three) {
        return outcomeOf([&] { confineEngine(frontEnd); }, call(number, one, two, three));
    };
    const unsigned own = ::getuid();
    // A test that is not root is refused by the kernel itself.
    const auto allowed = own == 0 ? "done" : "EPERM";
    EXPECT_EQ(change(SYS_setresuid, 1234, 1234, own), allowed);
    EXPECT_EQ(change(SYS_setresgid, 1235, 1235, 1235), allowed);
    EXPECT_EQ(change(SYS_setresuid, 1234, 1234, 1234), "EPERM");
    EXPECT_EQ(change(SYS_setresuid, own, 1234, own), "EPERM");
    EXPECT_EQ(change(SYS_setresuid, 4321, 4321, 4321), "EPERM");
    EXPECT_EQ(change(SYS_setresgid, 1235, 1235, 0), "EPERM");
    EXPECT_EQ(change(SYS_setreuid, 1234, 1234, 0), "EPERM");
}

}  // namespace
}  // namespace igd
