// SPDX-License-Identifier: GPL-2.0-or-later
// The facts that take time: the rules of the host, and whether the clients are there.
#pragma once

#include "facts.h"

namespace igd::ctl {

/// Reads the rules into `facts`, and meanwhile has the kernel ask the clients of its openings.
/// Waits little more than a second for those that do not answer.
void addSlowFacts(Facts& facts);

}  // namespace igd::ctl
