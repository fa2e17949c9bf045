// SPDX-License-Identifier: GPL-2.0-or-later
// A process at rest needs less memory than one at work.
#pragma once

#include "upnpd/util/time.h"

namespace igd {

/// After so long without work a process gives back what it does not need to wait.
constexpr Seconds kRestAfter{5};

/// Returns free memory to the kernel, and lets go of the pages of code and constants: those that
/// are used again come back from the page cache when they are touched, the code of the start never.
/// (A debugger's breakpoints go with them.)
void giveMemoryBack();

}  // namespace igd
