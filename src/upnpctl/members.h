// SPDX-License-Identifier: GPL-2.0-or-later
// Members of the daemon's answers, which an older daemon may not have, or may have as null.
#pragma once

#include "daemon.h"

#include <cstdint>
#include <optional>
#include <string>

namespace igd::ctl {

/// Returns the text at `key`, or `otherwise` where there is none.
[[nodiscard]] std::string textOf(const Json& object, const char* key,
                                 const std::string& otherwise = "");
/// Returns the whole number at `key`; nullopt: there is none.
[[nodiscard]] std::optional<std::int64_t> numberOf(const Json& object, const char* key);
/// Returns the object at `key`, or an empty one.
[[nodiscard]] Json objectOf(const Json& object, const char* key);
/// Returns the list at `key`, or an empty one.
[[nodiscard]] Json listOf(const Json& object, const char* key);

}  // namespace igd::ctl
