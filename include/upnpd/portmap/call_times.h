// SPDX-License-Identifier: GPL-2.0-or-later
// How long a request of a client may take until it has been carried out, or never will be. All time
// limits of the ways to the engine follow from these.
#pragma once

#include "upnpd/util/time.h"

namespace igd {

/// The engine carries out a call of UPnP within this time, or refuses it.
constexpr Seconds kCallTime{6};
/// The engine carries out a call of NAT-PMP or PCP within this time, or refuses it. Their clients
/// ask again after 250 ms, 500 ms, 1 s, 2 s, each time with a call of its own.
constexpr Seconds kPortCallTime{5};
/// One change of the kernel that began in time may take this long, with the way of its answer.
constexpr Seconds kCallGrace{2};
/// Every call has been answered after this time. Whoever waits for one may give up a second later.
constexpr Seconds kLongestCall = kCallTime + kCallGrace;

}  // namespace igd
