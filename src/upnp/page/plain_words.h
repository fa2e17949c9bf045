// SPDX-License-Identifier: GPL-2.0-or-later
// Times, sizes and protocols in the words of the page. Pure.
#pragma once

#include "upnpd/portmap/mapping.h"
#include "upnpd/util/time.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace igd::upnp {

/// Returns the two greatest units, cut, not rounded: "8 s", "42 min", "1 h 58 min", "3 d 4 h".
[[nodiscard]] std::string briefTime(Seconds time);

/// Returns three digits at most, in powers of 1024: "0 B", "999 B", "1.2 GiB", "34 KiB".
[[nodiscard]] std::string briefSize(std::uint64_t bytes);

/// Returns who has made an opening: "UPnP", "NAT-PMP", "PCP", "configuration", "administrator".
[[nodiscard]] std::string_view plainName(Origin origin);

}  // namespace igd::upnp
