// SPDX-License-Identifier: GPL-2.0-or-later
#include "program.h"

#include "upnpd/util/unique_fd.h"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd::firewall {
namespace {

constexpr std::size_t kMostOutput = 64U << 20;
constexpr std::array kFolders{"/usr/sbin/", "/sbin/"};

/// The program's standard streams: nothing of ours; what it writes goes to `output`, if that is a
/// descriptor.
class Streams {
public:
    explicit Streams(int output) {
        ::posix_spawn_file_actions_init(&actions_);
        for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
            ::posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDWR, 0);
        if (output >= 0) ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    }
    Streams(const Streams&) = delete;
    Streams& operator=(const Streams&) = delete;
    ~Streams() { ::posix_spawn_file_actions_destroy(&actions_); }

    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

std::optional<pid_t> spawn(std::vector<std::string> words, int output) {
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    std::array<char*, 1> environment{nullptr};
    const Streams streams{output};
    for (const char* const folder : kFolders) {
        pid_t child = 0;
        const std::string path = folder + words.front();
        if (::posix_spawn(&child, path.c_str(), streams.get(), nullptr, argv.data(),
                          environment.data()) == 0)
            return child;
    }
    return std::nullopt;
}

bool endedWell(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string readAll(int fd) {
    std::string text;
    std::array<char, 65536> buffer{};
    while (text.size() < kMostOutput) {
        const ssize_t size = ::read(fd, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return text;
}

}  // namespace

bool succeeds(const std::vector<std::string>& words) {
    const auto child = spawn(words, -1);
    return child && endedWell(*child);
}

std::optional<std::string> outputOf(const std::vector<std::string>& words) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
    const UniqueFd readEnd{ends[0]};
    UniqueFd writeEnd{ends[1]};
    const auto child = spawn(words, writeEnd.get());
    writeEnd.reset();
    if (!child) return std::nullopt;
    std::string text = readAll(readEnd.get());
    if (!endedWell(*child)) return std::nullopt;
    return text;
}

}  // namespace igd::firewall
