// SPDX-License-Identifier: GPL-2.0-or-later
// A disk that is full as far as this process goes.
#pragma once

#include <csignal>
#include <cstdint>

#include <sys/resource.h>

namespace igd {

/// While it lives no file can be made longer than that.
class FullDisk {
public:
    explicit FullDisk(std::uintmax_t size) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit full{static_cast<rlim_t>(size), before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &full);
    }
    ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit before_{};
};

}  // namespace igd
