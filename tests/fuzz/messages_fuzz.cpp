// SPDX-License-Identifier: GPL-2.0-or-later
// A front end that was taken over could send the engine anything: it must be refused, or be the
// octets of the message that was read.
#include "upnpd/ipc/messages.h"

#include <algorithm>
#include <cstdlib>

namespace {

template <class Message>
void check(const std::optional<Message>& message, std::span<const std::uint8_t> bytes) {
    if (!message) return;
    const auto again = igd::ipc::encode(*message);
    if (!again || !std::ranges::equal(*again, bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span bytes{data, size};
    if (size > igd::ipc::kMaxMessage) return 0;  // no channel hands such a packet on
    check(igd::ipc::decodeToEngine(bytes), bytes);
    check(igd::ipc::decodeToFrontEnd(bytes), bytes);
    return 0;
}
