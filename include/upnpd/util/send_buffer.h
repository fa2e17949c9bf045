// SPDX-License-Identifier: GPL-2.0-or-later
// How much a socket has yet to send.
#pragma once

namespace igd {

/// Returns whether what `socket` has not sent yet fills half of its send buffer, or more; true when
/// the kernel does not say (before 4.12).
[[nodiscard]] bool isHalfFull(int socket);

}  // namespace igd
