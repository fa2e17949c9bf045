// SPDX-License-Identifier: GPL-2.0-or-later
// The room that x_tables gives to a structure. XT_ALIGN says so too, but in the headers of older
// kernels it needs `typeof`, which is no word of C++.
#pragma once

#include <cstddef>

#include <linux/netfilter/x_tables.h>

namespace igd::firewall {

/// Returns `size`, in octets, with the padding behind it.
constexpr std::size_t aligned(std::size_t size) {
    constexpr std::size_t kAlign = alignof(_xt_align);
    return (size + kAlign - 1) / kAlign * kAlign;
}

}  // namespace igd::firewall
