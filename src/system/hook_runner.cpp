// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/hook_runner.h"

#include "upnpd/system/child_process.h"
#include "upnpd/system/privileges.h"

#include <array>
#include <csignal>
#include <ctime>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

constexpr timespec kPatience{.tv_sec = 30, .tv_nsec = 0};
constexpr int kNotRun = 127;
constexpr int kBySignal = 128;

/// Never returns.
[[noreturn]] void become(const std::string& path, const sigset_t& before) {
    ::setpgid(0, 0);
    ::dup2(kEngineDescriptor, STDIN_FILENO);
    ::close(kEngineDescriptor);
    for (const int signal : {SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE}) std::signal(signal, SIG_DFL);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    constexpr rlimit kCpu{30, 30};
    ::setrlimit(RLIMIT_CPU, &kCpu);
    std::string name = path;
    std::array<char*, 2> arguments{name.data(), nullptr};
    std::string search = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    std::array<char*, 2> environment{search.data(), nullptr};
    ::execve(path.c_str(), arguments.data(), environment.data());
    ::_exit(kNotRun);
}

}  // namespace

int runProgram(const std::string& path) {
    dropAllRights();
    sigset_t awaited;
    sigset_t before;
    ::sigemptyset(&awaited);
    for (const int signal : {SIGCHLD, SIGTERM}) ::sigaddset(&awaited, signal);
    ::sigprocmask(SIG_BLOCK, &awaited, &before);
    const pid_t program = ::fork();
    if (program < 0) return kNotRun;
    if (program == 0) become(path, before);
    ::close(kEngineDescriptor);
    // SIGCHLD: it has ended. SIGTERM: the engine has. Neither: it has had its time.
    const bool hasEnded = ::sigtimedwait(&awaited, nullptr, &kPatience) == SIGCHLD;
    if (!hasEnded) ::kill(-program, SIGKILL);
    int status = 0;
    if (::waitpid(program, &status, 0) != program) return kNotRun;
    return WIFSIGNALED(status) ? kBySignal + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace igd
