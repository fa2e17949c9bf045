// SPDX-License-Identifier: GPL-2.0-or-later
// What a taken-over front end could send the engine: it must be refused, or mean the same when
// written again.
#include "upnpd/ipc/messages.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace igd::ipc;
    const std::span bytes{data, size};
    if (const auto message = decodeToEngine(bytes))
        if (!decodeToEngine(encode(*message))) std::abort();
    if (const auto message = decodeToFrontEnd(bytes))
        if (!decodeToFrontEnd(encode(*message))) std::abort();
    return 0;
}
