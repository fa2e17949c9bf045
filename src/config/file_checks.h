// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "upnpd/config/settings.h"

#include <string>

namespace igd {

/// Checks the account that the daemon becomes, and that it can write its files; `file` is named
/// with them.
void checkAccountAndFiles(const std::string& file, ParsedConfiguration& parsed);

}  // namespace igd
