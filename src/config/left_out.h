// SPDX-License-Identifier: GPL-2.0-or-later
// The settings that need a part which the build may leave out.
#pragma once

#include "upnpd/config/settings.h"
#include "upnpd/util/build_parts.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace igd {

/// Returns why `key`, as it is set in `settings`, cannot be had, and what to do: "this upnpd was
/// built without IPv6: leave it out, or take no"; nullopt: it can. `isThere` says which parts there
/// are.
[[nodiscard]] std::optional<std::string> lacks(
    std::string_view key, const Settings& settings,
    const std::function<bool(BuildPart)>& isThere = isBuiltIn);

/// Returns the default of `key` in a build without the part that it needs; `usual` in any other.
[[nodiscard]] std::string_view defaultHere(
    std::string_view key, std::string_view usual,
    const std::function<bool(BuildPart)>& isThere = isBuiltIn);

}  // namespace igd
