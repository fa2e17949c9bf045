// SPDX-License-Identifier: GPL-2.0-or-later
// An error of the server, as a sentence that says what to do.
#pragma once

#include <string>
#include <string_view>

namespace igd::redis {

/// Returns "it is full: ..." for "OOM command not allowed ...". Clean, and one line.
[[nodiscard]] std::string problemText(std::string_view error);

}  // namespace igd::redis
