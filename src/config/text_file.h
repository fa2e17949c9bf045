// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <tl/expected.hpp>

#include <string>

namespace igd {

struct Unreadable {
    bool missing = false;
    std::string reason;  ///< behind the name of the file and a colon
};

/// Reads a regular file of at most 1 MiB.
[[nodiscard]] tl::expected<std::string, Unreadable> readTextFile(const std::string& path);

}  // namespace igd
