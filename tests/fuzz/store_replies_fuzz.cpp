// SPDX-License-Identifier: GPL-2.0-or-later
// The input is what a server of a store says; rows, keys and changes are read of it. Each row could
// have been in the ledger, and goes to the engine as it is.
#include "lead_taker.h"
#include "reply.h"
#include "row_decoder.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace igd;
using namespace igd::redis;

namespace {

void mustTravel(const store::ToEngine& message) {
    const auto bytes = encode(message);
    if (!bytes || !store::decodeToEngine(*bytes)) std::abort();
}

void decode(const Reply& reply, const Now& now) {
    const Reply& key = reply.at(0);
    if (const auto row = rowIn(std::string{kRowPrefix} + key.text, reply.at(1), now))
        mustTravel(*row);
    for (const Entry& each : entriesIn(reply, now)) {
        if (const auto* const row = std::get_if<store::Row>(&each.change)) mustTravel(*row);
        if (const auto* const gone = std::get_if<store::Gone>(&each.change)) mustTravel(*gone);
        if (const auto* const lead = std::get_if<store::Leader>(&each.change)) mustTravel(*lead);
        if (parseEntryId(toString(each.id)) != each.id) std::abort();
    }
    (void)keysIn(reply);
    (void)firstIdIn(reply);
    (void)leadIn({reply.at(0), reply.at(1)});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Now now = Now::sample();
    ReplyReader reader;
    std::string_view octets{reinterpret_cast<const char*>(data), size};
    while (!octets.empty()) {
        constexpr std::size_t kPiece = 97;
        if (!reader.feed(octets.substr(0, kPiece))) break;
        octets.remove_prefix(std::min(octets.size(), kPiece));
        while (const auto reply = reader.next()) decode(*reply, now);
    }
    return 0;
}
