// SPDX-License-Identifier: GPL-2.0-or-later
// The forms of the page as browsers send them: application/x-www-form-urlencoded. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace igd::upnp {

/// The longest body of a form, in octets: a password of 511, each written as %XX, has room.
constexpr std::size_t kMaxForm = 4096;

/// Returns the value of the first field `name`, decoded: "a+b%21" is "a b!". nullopt: the body is
/// too long, there is no such field, or a % in it is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> formField(std::string_view body, std::string_view name);

}  // namespace igd::upnp
