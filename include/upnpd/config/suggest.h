// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "upnpd/system/host_facts.h"

#include <string>

namespace igd {

struct Suggestion {
    std::string text;         ///< an upnpd.conf, with the reason for each line
    bool isComplete = false;  ///< both sides were found
};

/// Proposes the interfaces of `host`: the default route leads to the external one, and private
/// networks are on internal ones.
[[nodiscard]] Suggestion suggestConfiguration(const HostFacts& host);

}  // namespace igd
