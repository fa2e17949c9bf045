// SPDX-License-Identifier: GPL-2.0-or-later
#include "drop_counter.h"

#include "upnpd/util/log.h"

#include <bit>

namespace igd::portcontrol {

void DropCounter::count(std::string_view reason) {
    const std::uint64_t now = ++counts_[reason];
    if (std::has_single_bit(now))
        log::info("portcontrol: {}: {} packet(s) to port 5351 dropped so far: {}",
                  interface_.text(), now, reason);
}

}  // namespace igd::portcontrol
