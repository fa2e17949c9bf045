// SPDX-License-Identifier: GPL-2.0-or-later
// The file that `page_password` names, which `upnpctl page-password` writes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace igd {

/// Returns the hash of the password, which is the first line of `file`. Empty: there is no file, or
/// no hash in it; then nobody can act on the page, and the log says why.
[[nodiscard]] std::string readPageHash(const std::optional<std::filesystem::path>& file);

}  // namespace igd
