// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/engine/run.h"

#include "engine.h"

#include <csignal>
#include <stdexcept>

namespace igd {
namespace {

/// With the engine its signal handlers go, and another SIGTERM would end the process while files
/// are left to remove.
void holdSignals() {
    sigset_t ending;
    ::sigemptyset(&ending);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2})
        ::sigaddset(&ending, signal);
    ::sigprocmask(SIG_BLOCK, &ending, nullptr);
}

}  // namespace

int runEngine(Configuration configuration, const EngineSurroundings& surroundings) {
    Engine engine{std::move(configuration), surroundings};
    const int status = engine.run();
    holdSignals();
    if (!engine.startError().empty()) throw std::runtime_error(engine.startError());
    return status;
}

}  // namespace igd
