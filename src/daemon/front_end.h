// SPDX-License-Identifier: GPL-2.0-or-later
// The front-end process speaks UPnP, NAT-PMP and PCP on one LAN. It owns nothing and has no rights;
// it asks the engine for whatever it needs.
#pragma once

namespace igd {

/// Runs the whole front end, whose channel to the engine is kEngineDescriptor. Returns its exit
/// status.
[[nodiscard]] int runFrontEnd();

}  // namespace igd
