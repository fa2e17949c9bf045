// SPDX-License-Identifier: GPL-2.0-or-later
// Messages of the process that speaks with a store, as the engine reads them, and what it makes of
// their rows.
#include "store_table.h"

#include "upnpd/store/store_messages.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace igd;
using namespace igd::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span bytes{data, size};
    if (const auto message = decodeToProcess(bytes))
        if (!encode(*message)) std::abort();
    const auto message = decodeToEngine(bytes);
    if (!message) return 0;
    const auto again = encode(*message);
    if (!again || decodeToEngine(*again) != message) std::abort();
    const TimePoint now = Clock::now();
    StoreTable table;
    if (const auto* const row = std::get_if<Row>(&*message)) table.put(*row, now);
    if (const auto* const gone = std::get_if<Gone>(&*message)) table.gone(gone->name);
    for (const Opening& each : table.openings(now)) (void)describe(each);
    return 0;
}
