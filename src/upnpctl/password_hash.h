// SPDX-License-Identifier: GPL-2.0-or-later
// A password becomes what is kept of it (crypt(5)).
#pragma once

#include <optional>
#include <string>

namespace igd::ctl {

/// The longest password that crypt(3) takes, in octets.
constexpr std::size_t kLongestPassword = 511;

/// Returns a hash of `password` with a new salt: yescrypt, or SHA-512 where the C library knows
/// nothing better (musl). nullopt: the password is empty or too long. Takes some tens of
/// milliseconds, on purpose.
[[nodiscard]] std::optional<std::string> hashOf(const std::string& password);

}  // namespace igd::ctl
