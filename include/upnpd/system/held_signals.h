// SPDX-License-Identifier: GPL-2.0-or-later
// A signal that asks the daemon for something may come before anybody listens to it: it is kept
// until then.
#pragma once

#include <csignal>

namespace igd {

/// Holds the signals that the daemon obeys (SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2) back until
/// release(), or the end of its life: then they have their effect (pthread_sigmask(3)).
class HeldSignals {
public:
    HeldSignals();
    ~HeldSignals();
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    void release() noexcept;

private:
    sigset_t before_{};
    bool held_ = true;  ///< once released, the mask is somebody else's
};

}  // namespace igd
