// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/system/held_signals.h"

#include <utility>

#include <pthread.h>

namespace igd {

HeldSignals::HeldSignals() {
    sigset_t held{};
    ::sigemptyset(&held);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) ::sigaddset(&held, signal);
    ::pthread_sigmask(SIG_BLOCK, &held, &before_);
}

HeldSignals::~HeldSignals() {
    release();
}

void HeldSignals::release() noexcept {
    if (!std::exchange(held_, false)) return;
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace igd
