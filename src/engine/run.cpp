// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/engine/run.h"

#include "engine.h"

#include <stdexcept>

namespace igd {

int runEngine(Configuration configuration, const EngineSurroundings& surroundings) {
    Engine engine{std::move(configuration), surroundings};
    const int status = engine.run();
    if (!engine.startError().empty()) throw std::runtime_error(engine.startError());
    return status;
}

}  // namespace igd
