// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/child_process.h"

#include "upnpd/system/installation.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

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
[[noreturn]] void becomeChild(int program, int channel, pid_t engine, char* const* arguments) {
    forgetEnginesHandlers();
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != engine) ::_exit(1);  // it died before the line above
    // The child needs none of the engine's rights, and need not be trusted to give them up.
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    // But it has to take another account (dropAllRights), if the engine may let it.
    for (const int right : {CAP_SETUID, CAP_SETGID})
        ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, right, 0, 0);
    // Both may have each other's number: they are moved out of the way first.
    constexpr int kProgram = kEngineDescriptor + 1;
    program = ::fcntl(program, F_DUPFD_CLOEXEC, kProgram + 1);
    channel = ::fcntl(channel, F_DUPFD_CLOEXEC, kProgram + 1);
    ::dup2(channel, kEngineDescriptor);
    ::dup3(program, kProgram, O_CLOEXEC);
    ::syscall(SYS_close_range, kProgram + 1, ~0U, 0);  // not every libc has a name for it
    ::fexecve(kProgram, arguments, environ);
    ::_exit(127);
}

UniqueFd opened(const std::filesystem::path& path) {
    return UniqueFd{::open(path.c_str(), O_PATH | O_CLOEXEC)};
}

}  // namespace

Program::Program() : file_(opened("/proc/self/exe")) {
    if (!file_) throw std::system_error(errno, std::generic_category(), "/proc/self/exe");
}

Program::Program(const std::string& name) {
    std::error_code ignored;
    const auto own = std::filesystem::read_symlink("/proc/self/exe", ignored);
    const auto beside = own.parent_path() / name;
    const auto installed = ownInstallation().helpers / name;
    file_ = opened(beside);
    if (!file_) file_ = opened(installed);
    if (!file_)
        throw std::system_error(
            errno, std::generic_category(),
            fmt::format("neither {} nor {}", beside.string(), installed.string()));
}

pid_t startChild(const Program& program, UniqueFd channel, std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (std::string& text : arguments) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    const pid_t engine = ::getpid();
    const SignalsHeld held;
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) becomeChild(program.descriptor(), channel.get(), engine, pointers.data());
    return child;
}

void takeNameOfDaemon() {
    ::prctl(PR_SET_NAME, "upnpd", 0, 0, 0);
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
