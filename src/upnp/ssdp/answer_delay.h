// SPDX-License-Identifier: GPL-2.0-or-later
// When the answers to a search leave. Some control points listen for one second after the first
// packet that they get, whatever MX they sent: an answer that came later would not be seen. Pure.
#pragma once

#include "upnpd/util/time.h"

#include <chrono>
#include <cstddef>

namespace igd::upnp {

/// An answer leaves at random between these two, counted from the search.
struct AnswerDelay {
    std::chrono::milliseconds least{0};
    std::chrono::milliseconds most{0};
    bool operator==(const AnswerDelay&) const = default;
};

/// Answers over IPv6 leave so long after those over IPv4, so that a control point that takes the
/// first LOCATION talks to us over the family that its mappings are of.
constexpr std::chrono::milliseconds kBehindIpv4{200};

/// Returns the delay of the answer at `place` (from 0) of the `count` that one search gets.
/// `within` is the search's MX, and 0 for a search that came by unicast: those are answered at
/// once. The first answer, which is the only one of a search for one target, leaves within 80 ms.
/// The others of ssdp:all leave one after the other, each at random in an equal part of the first
/// half of MX, and of 650 ms at most (SSDP-MSEARCH-16, -17). The rest is for busy machines on
/// either side: control points stop listening when MX is over, and GSSDP's after a second of its
/// three.
[[nodiscard]] AnswerDelay answerDelay(Seconds within, bool overIpv6, std::size_t place,
                                      std::size_t count);

}  // namespace igd::upnp
