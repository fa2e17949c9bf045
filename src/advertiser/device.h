// SPDX-License-Identifier: GPL-2.0-or-later
// The device as libupnp knows it: registered, announced, and nothing else.
#pragma once

#include "upnpd/supervisor/front_end_setup.h"

namespace igd {

/// Registers the device with libupnp and has it announced: with `setup.byebye` everything is taken
/// back first. On a LAN without IPv4, which libupnp refuses, `Notifier` sends the set by itself.
/// Returns when all NOTIFYs have left, some 0.3 s later. libupnp's threads go on: the process is to
/// end by _exit(), because UpnpFinish() would take everything back. Throws std::runtime_error with
/// what went wrong.
void advertiseDevice(const AdvertiserSetup& setup);

}  // namespace igd
