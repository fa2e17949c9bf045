// SPDX-License-Identifier: GPL-2.0-or-later
// The front-end process: speaks UPnP on one LAN, owns nothing, may do nothing; whatever it wants it
// asks the engine for.
#pragma once

namespace igd {

/// The whole life of a front end whose channel to the engine is kEngineDescriptor. Returns its exit
/// status.
[[nodiscard]] int runFrontEnd();

}  // namespace igd
