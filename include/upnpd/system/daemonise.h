// SPDX-License-Identifier: GPL-2.0-or-later
// Being a background process: the fork whose parent tells the start's outcome, and the pid file.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <filesystem>

namespace igd {

/// The child's end of the start: the parent waits until it hears ready() and exits 0, or until the
/// child has ended and exits with the child's status. Standard error stays the terminal's until
/// ready(), so a failed start is seen by who started it.
class Background {
public:
    /// Forks; returns in the child only. Throws std::system_error.
    Background();
    void ready();

private:
    UniqueFd tell_;
};

/// Makes `directory` and those above it when they are missing. Throws std::runtime_error.
void makeDirectory(const std::filesystem::path& directory);

/// Holds a lock on the file as long as it lives, and removes it at its end.
class PidFile {
public:
    /// Makes the directory too. Throws std::runtime_error when another upnpd has the lock (with its
    /// pid), or the file cannot be written.
    explicit PidFile(std::filesystem::path path);
    ~PidFile();
    PidFile(const PidFile&) = delete;
    PidFile& operator=(const PidFile&) = delete;
    /// Writes this process' pid.
    void write() const;

private:
    std::filesystem::path path_;
    UniqueFd file_;
};

}  // namespace igd
