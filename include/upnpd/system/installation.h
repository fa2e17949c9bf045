// SPDX-License-Identifier: GPL-2.0-or-later
// The places of files that were installed with a program. A tree that was installed below another
// prefix than it was built for uses its own.
#pragma once

#include <filesystem>

namespace igd {

struct Installation {
    std::filesystem::path settings;  ///< the folder of linuxigd/upnpd.conf and default/upnpd
    std::filesystem::path helpers;   ///< the folder of upnpd-front-end
};

/// Returns the places that go with the program at `executable`: those that it was built for, unless
/// the helpers are below the prefix in whose bin or sbin it is.
[[nodiscard]] Installation installationOf(const std::filesystem::path& executable);

/// Returns the one of this process.
[[nodiscard]] const Installation& ownInstallation();

}  // namespace igd
