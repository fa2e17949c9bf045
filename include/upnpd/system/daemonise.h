// SPDX-License-Identifier: GPL-2.0-or-later
// A background process needs two things: a fork whose parent tells the outcome of the start, and a
// pid file.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <filesystem>

namespace igd {

/// The child's end of the start. The parent exits 0 when ready() is called, or with the child's
/// status when the child has ended. Standard error stays the terminal's until ready(), so that
/// whoever started the daemon sees why it failed.
class Background {
public:
    /// Forks; returns in the child only. Throws std::system_error.
    Background();
    void ready();

private:
    UniqueFd tell_;
};

/// Makes `directory` and its parents when they are missing. Throws std::runtime_error.
void makeDirectory(const std::filesystem::path& directory);

/// A PidFile holds a lock on the file as long as it lives, and removes it at its end.
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
