// SPDX-License-Identifier: GPL-2.0-or-later
// Abilities of this kernel's nftables, found out by trying.
#pragma once

#include "nft/nft_socket.h"

namespace igd::firewall {

/// An element that is added again takes its new end (Linux 6.12) and keeps its counter; older
/// kernels ignore the addition. Tried in a table of its own, which is gone afterwards.
[[nodiscard]] bool renewsInPlace(NftSocket& nft);

}  // namespace igd::firewall
