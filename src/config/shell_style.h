// SPDX-License-Identifier: GPL-2.0-or-later
// Init scripts source NAME=VALUE files (/etc/default, /etc/sysconfig, /etc/conf.d); environment
// variables have the same names. Nothing is executed: a value is a plain or quoted word list.
#pragma once

#include "upnpd/config/settings.h"

#include <string_view>

namespace igd {

/// Returns whether every line that says something is an assignment to an upper-case name without
/// blanks around `=`, and one of the names is an interface's.
[[nodiscard]] bool looksShellStyle(std::string_view text);

/// Takes the interfaces and the user from `text` as far as `into` has none yet; other variables are
/// left alone.
void readShellStyle(std::string_view text, std::string_view fileName, ParsedConfiguration& into);

/// Takes them from environment variables.
void readEnvironment(const Surroundings& surroundings, ParsedConfiguration& into);

}  // namespace igd
