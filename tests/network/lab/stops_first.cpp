// SPDX-License-Identifier: GPL-2.0-or-later
// Stands in the place of a program: sends itself a SIGSTOP before it becomes the one beside it that
// is called "PROGRAM.real".
#include <array>
#include <csignal>
#include <string>

#include <unistd.h>

int main(int /*count*/, char** arguments) {
    std::array<char, 4096> path{};
    const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
    if (size <= 0) return 1;
    std::raise(SIGSTOP);
    const std::string real = std::string(path.data(), static_cast<std::size_t>(size)) + ".real";
    ::execv(real.c_str(), arguments);
    return 1;
}
