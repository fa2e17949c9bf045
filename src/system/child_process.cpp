// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/child_process.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

/// No signal is handled in this thread while an object of this class lives.
class SignalsHeld {
public:
    SignalsHeld() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

private:
    sigset_t before_{};
};

/// Resets the handlers of signals. The engine's handlers write into a pipe that is the child's too
/// until it runs its program, so the engine would take the child's signals for its own. Signals
/// that ask the engine for something mean nothing to a child, which `killall -HUP upnpd` reaches
/// all the same.
void forgetEnginesHandlers() {
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction present {};
        if (::sigaction(signal, nullptr, &present) == 0 && present.sa_handler != SIG_IGN)
            ::signal(signal, SIG_DFL);
    }
    for (const int signal : {SIGHUP, SIGUSR1, SIGUSR2}) ::signal(signal, SIG_IGN);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Turns the forked child into the new program, with calls that are safe after fork only. It never
/// returns.
[[noreturn]] void becomeChild(int channel, pid_t engine, char* const* arguments) {
    forgetEnginesHandlers();
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != engine) ::_exit(1);  // it died before the line above
    // The child needs none of the engine's rights, and need not be trusted to give them up.
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    // But it has to take another account (dropAllRights), if the engine may let it.
    for (const int right : {CAP_SETUID, CAP_SETGID})
        ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, right, 0, 0);
    if (channel == kEngineDescriptor)
        ::fcntl(channel, F_SETFD, 0);
    else
        ::dup2(channel, kEngineDescriptor);
    ::syscall(SYS_close_range, kEngineDescriptor + 1, ~0U, 0);  // not every libc has a name for it
    ::execv("/proc/self/exe", arguments);
    ::_exit(127);
}

}  // namespace

pid_t startChild(UniqueFd channel, const std::vector<std::string>& arguments) {
    std::vector<std::string> texts{"upnpd"};
    texts.insert(texts.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    const pid_t engine = ::getpid();
    const SignalsHeld held;
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) becomeChild(channel.get(), engine, pointers.data());
    return child;
}

std::optional<std::string> reapChild(pid_t child) {
    int status = 0;
    const pid_t reaped = ::waitpid(child, &status, WNOHANG);
    if (reaped == 0 || (reaped < 0 && errno != ECHILD)) return std::nullopt;
    if (reaped < 0) return "gone";
    if (WIFSIGNALED(status)) return fmt::format("killed by signal {}", WTERMSIG(status));
    return fmt::format("ended with status {}", WEXITSTATUS(status));
}

}  // namespace igd
