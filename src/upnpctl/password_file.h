// SPDX-License-Identifier: GPL-2.0-or-later
// The file in which the page's password is kept, as a hash.
#pragma once

#include "daemon.h"

#include <filesystem>
#include <string>

namespace igd::ctl {

/// Writes `hash` as the only line of the file at `path`, at once or not at all. It belongs to
/// root, and the group of the daemon's account may read it (mode 0640). The directory has to be
/// there. Errors: kNotPermitted, or kRefused with the reason.
[[nodiscard]] Outcome<void> writePasswordFile(const std::filesystem::path& path,
                                              const std::string& hash);

}  // namespace igd::ctl
