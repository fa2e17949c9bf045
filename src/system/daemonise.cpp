// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/daemonise.h"

#include "upnpd/system/own_files.h"
#include "upnpd/util/log.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace igd {
namespace {

std::system_error failure(const char* what) {
    return {errno, std::generic_category(), what};
}

/// Waits as the parent; it never returns.
[[noreturn]] void awaitChild(pid_t child, int wait) {
    char ready = 0;
    ssize_t got = -1;
    do {
        got = ::read(wait, &ready, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 1) ::_exit(0);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ::_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1);
}

void redirectToNull() {
    const UniqueFd null{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    if (!null) throw failure("/dev/null");
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(null.get(), standard);
}

std::runtime_error failureOf(const std::filesystem::path& path) {
    return std::runtime_error(
        fmt::format("pid file {}: {}", path.string(), whyNotWritten(path, errno)));
}

UniqueFd openPidFile(const std::filesystem::path& path) {
    UniqueFd file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644)};
    if (!file) throw failureOf(path);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink > 1)
        throw std::runtime_error(
            fmt::format("pid file {}: is no file, or has another name as well", path.string()));
    return file;
}

bool isFileAt(const std::filesystem::path& path, int file) {
    struct stat opened {};
    struct stat named {};
    return ::fstat(file, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

std::string readPid(int file) {
    std::array<char, 16> text{};
    const ssize_t size = ::pread(file, text.data(), text.size(), 0);
    std::string pid{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    return pid;
}

}  // namespace

void fillStandardStreams() {
    for (;;) {
        UniqueFd null{::open("/dev/null", O_RDWR)};
        if (!null) throw failure("/dev/null");
        if (null.get() > STDERR_FILENO) return;
        (void)null.release();
    }
}

Background::Background(HeldSignals& signals) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw failure("pipe");
    const UniqueFd wait{ends[0]};
    tell_.reset(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) throw failure("fork");
    if (child > 0) {
        tell_.reset();
        signals.release();
        awaitChild(child, wait.get());
    }
    ::setsid();
    if (::chdir("/") != 0) throw failure("chdir");
    standardError_.reset(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!standardError_) throw failure("standard error");
    redirectToNull();
}

Background::~Background() {
    if (standardError_) ::dup2(standardError_.get(), STDERR_FILENO);
}

void Background::ready() {
    standardError_.reset();
    const char ready = 1;
    // The parent may have been killed; then nobody is left who wants to know.
    if (::write(tell_.get(), &ready, 1) != 1) log::debug("system: nobody waits for the start");
    tell_.reset();
}

PidFile::PidFile(std::filesystem::path path) : path_(std::move(path)) {
    // Whoever had the lock removes the file at its end: then what was opened here is no pid file.
    do {
        file_ = openPidFile(path_);
        if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0)
            throw std::runtime_error(fmt::format("upnpd is running already, with pid {} ({})",
                                                 readPid(file_.get()), path_.string()));
    } while (!isFileAt(path_, file_.get()));
    // Anybody may read it. A file of another account stays as it is.
    if (::fchmod(file_.get(), 0644) != 0) log::debug("system: {} keeps its mode", path_.string());
}

PidFile::~PidFile() {
    std::error_code error;
    // In a directory of root's it can only be emptied.
    if (!std::filesystem::remove(path_, error) && ::ftruncate(file_.get(), 0) != 0)
        log::warning("system: {} is left behind: {}", path_.string(), error.message());
}

void PidFile::write() const {
    const std::string text = fmt::format("{}\n", ::getpid());
    if (::ftruncate(file_.get(), 0) != 0 ||
        ::pwrite(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        throw failureOf(path_);
}

}  // namespace igd
