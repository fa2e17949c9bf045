// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables_nft.h"

#include "names.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <vector>

namespace igd::firewall::iptables_nft {
namespace {

constexpr int kMostCopies = 16;  // of a rule of ours, should several daemons have been killed

/// The program's standard streams: nothing of ours, nothing to read or to see.
class Silence {
public:
    Silence() {
        ::posix_spawn_file_actions_init(&actions_);
        for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            ::posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDWR, 0);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence() { ::posix_spawn_file_actions_destroy(&actions_); }

    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

bool succeeds(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::vector<std::string> arguments(const char* command, const std::string& chain) {
    const std::string mark = fmt::format("{0:#x}/{0:#x}", kPacketMark);
    return {"iptables-nft",
            "-t",
            "filter",
            command,
            chain,
            "-m",
            "mark",
            "--mark",
            mark,
            "-m",
            "conntrack",
            "--ctstate",
            "DNAT",
            "-m",
            "comment",
            "--comment",
            std::string{kTag},
            "-j",
            "ACCEPT"};
}

bool run(const char* command, const std::string& chain) {
    std::vector<std::string> words = arguments(command, chain);
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    std::array<char*, 1> environment{nullptr};
    const Silence silence;
    for (const char* path : {"/usr/sbin/iptables-nft", "/sbin/iptables-nft"}) {
        pid_t child = 0;
        if (::posix_spawn(&child, path, silence.get(), nullptr, argv.data(), environment.data()) == 0)
            return succeeds(child);
    }
    return false;
}

}  // namespace

bool open(const std::string& chain, Place place) {
    return run("-C", chain) || run(place == Place::End ? "-A" : "-I", chain);
}

bool close(const std::string& chain) {
    int closed = 0;
    while (closed < kMostCopies && run("-D", chain)) ++closed;
    return closed > 0;
}

}  // namespace igd::firewall::iptables_nft
