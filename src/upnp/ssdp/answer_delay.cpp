// SPDX-License-Identifier: GPL-2.0-or-later
#include "ssdp/answer_delay.h"

#include <algorithm>

namespace igd::upnp {
namespace {

using std::chrono::milliseconds;

// UDA 1.1 section 1.3.3 lets a device assume a smaller MX than the search has.
constexpr milliseconds kFirstAnswer{80};
constexpr milliseconds kLastAnswer{650};

}  // namespace

AnswerDelay answerDelay(Seconds within, bool overIpv6, std::size_t place, std::size_t count) {
    if (within == Seconds{0}) return {};
    const auto least = overIpv6 ? kBehindIpv4 : milliseconds{0};
    if (place == 0) return {least, least + kFirstAnswer};
    const auto most = std::min(milliseconds{within} / 2, kLastAnswer);
    const auto upTo = [&](std::size_t parts) {
        return least + (most - least) * parts / std::max<std::size_t>(count - 1, 1);
    };
    return {upTo(place - 1), upTo(place)};
}

}  // namespace igd::upnp
