// SPDX-License-Identifier: GPL-2.0-or-later
// A daemon needs descriptors 0-2, a fork whose parent tells the outcome of the start, and a pid
// file.
#pragma once

#include "upnpd/system/held_signals.h"
#include "upnpd/util/unique_fd.h"

#include <filesystem>

namespace igd {

/// Opens /dev/null in place of each standard stream that is closed: else a file of ours would get
/// its number, and what is meant for the stream. Throws std::system_error.
void fillStandardStreams();

/// The child's end of the start. The parent exits 0 when ready() is called, or with the child's
/// status when the child has ended. The standard streams are /dev/null, for this process and those
/// that it starts: one of whoever started the daemon, who may wait for a pipe to be closed, would
/// stay open in a front end. Without ready() standard error is again as it was at the object's end,
/// to say why the start failed.
class Background {
public:
    /// Forks; returns in the child only, with `signals` still held. Throws std::system_error.
    explicit Background(HeldSignals& signals);
    ~Background();
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;
    void ready();

private:
    UniqueFd tell_;
    UniqueFd standardError_;  // as it was before
};

/// A PidFile holds a lock on the file as long as it lives, and removes it at its end.
class PidFile {
public:
    /// Its directory is there. Throws std::runtime_error when another upnpd has the lock (with its
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
