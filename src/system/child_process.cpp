// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace igd {
namespace {

void clearSignalMask() {
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// In the forked child: only what is safe after fork, then the new program. Never returns.
[[noreturn]] void becomeChild(int channel, pid_t engine, char* const* arguments) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != engine) ::_exit(1);  // it died before the line above
    // It needs none of the engine's rights, and need not be trusted to give them up.
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    clearSignalMask();
    if (channel == kEngineDescriptor)
        ::fcntl(channel, F_SETFD, 0);
    else
        ::dup2(channel, kEngineDescriptor);
    ::close_range(kEngineDescriptor + 1, ~0U, 0);
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
