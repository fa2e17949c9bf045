// SPDX-License-Identifier: GPL-2.0-or-later
#include "hidden_input.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include <termios.h>
#include <unistd.h>

namespace igd::ctl {
namespace {

/// The terminal shows nothing while this lives; a signal that would end the program waits.
class Silence {
public:
    Silence() {
        sigset_t signals;
        ::sigemptyset(&signals);
        for (const int each : {SIGINT, SIGTERM, SIGQUIT, SIGTSTP}) ::sigaddset(&signals, each);
        ::pthread_sigmask(SIG_BLOCK, &signals, &mask_);
        isTerminal_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
        if (!isTerminal_) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~Silence() {
        if (isTerminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    [[nodiscard]] bool isTerminal() const { return isTerminal_; }

private:
    termios before_{};
    sigset_t mask_{};
    bool isTerminal_ = false;
};

}  // namespace

std::optional<std::string> inputLine() {
    std::string line;
    char c = 0;
    while (::read(STDIN_FILENO, &c, 1) == 1) {
        if (c == '\n') return line;
        line += c;
    }
    return line.empty() ? std::nullopt : std::optional{line};
}

std::optional<std::string> hiddenLine(const std::string& question) {
    const Silence silence;
    if (!silence.isTerminal()) return std::nullopt;
    fmt::print(stderr, "{}", question);
    auto line = inputLine();
    fmt::print(stderr, "\n");
    return line;
}

}  // namespace igd::ctl
