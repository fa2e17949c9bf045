// SPDX-License-Identifier: GPL-2.0-or-later
#include "ssdp/answer_delay.h"

namespace igd::upnp {
namespace {

/// UDA 1.1 section 1.3.3 lets a device assume a smaller MX than the search has.
constexpr std::chrono::milliseconds kFirstAnswer{80};

}  // namespace

AnswerDelay answerDelay(Seconds within, bool overIpv6, std::size_t place) {
    if (within == Seconds{0}) return {};
    const auto least = overIpv6 ? kBehindIpv4 : std::chrono::milliseconds{0};
    if (place == 0) return {least, least + kFirstAnswer};
    return {least, std::chrono::milliseconds{within} * 9 / 10};
}

}  // namespace igd::upnp
