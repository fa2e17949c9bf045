// SPDX-License-Identifier: GPL-2.0-or-later
// Every key with its value, for people: what is in force, and which line says so.
#pragma once

#include "upnpd/config/settings.h"

#include <string>
#include <string_view>
#include <vector>

namespace igd {

struct ValueInForce {
    std::string key;
    std::string value;
    std::string place;       ///< as AssignedValue has it; "default": nothing has set it
    bool isDefault = false;  ///< it is the default, whoever says so
    std::string found{};     ///< the interfaces that `auto` or a pattern means now, if any
    bool operator==(const ValueInForce&) const = default;
};

/// Returns "FILE:LINE", or the source alone where `line` is 0.
[[nodiscard]] std::string placeOf(std::string_view file, std::size_t line);

/// Returns the interfaces, then all keys in the order of etc/upnpd.conf, with one entry for each
/// line of keys that may have several, and the permissions at last. What stands in files that the
/// configuration names, like passwords, is not among them.
[[nodiscard]] std::vector<ValueInForce> valuesInForce(const Configuration& configuration);

}  // namespace igd
