// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace igd {

/// Takes every file from this process for good (landlock(7)): what is open stays usable. Where the
/// kernel has no Landlock nothing happens, and a line at debug level says so. It needs
/// no_new_privs.
void closeFileSystem();

}  // namespace igd
