// SPDX-License-Identifier: GPL-2.0-or-later
#include "interruption.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace igd::ctl {

Interruption::Interruption() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGINT);
    ::sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    signals_ = UniqueFd{::signalfd(-1, &signals, SFD_CLOEXEC)};
    if (!signals_) throw std::system_error{errno, std::generic_category(), "signalfd"};
}

Interruption::Woken Interruption::wait(int descriptor, std::chrono::milliseconds longest) const {
    // poll(2) tells of an end of the reader without being asked.
    std::array<pollfd, 3> wanted{
        {{signals_.get(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}, {descriptor, POLLIN, 0}}};
    const int ready = ::poll(wanted.data(), wanted.size(), static_cast<int>(longest.count()));
    if (wanted[0].revents != 0 || wanted[1].revents != 0) return Woken::Stopped;
    return ready > 0 ? Woken::Ready : Woken::Timeout;
}

bool flush() {
    return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

}  // namespace igd::ctl
