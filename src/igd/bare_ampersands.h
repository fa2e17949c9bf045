// SPDX-License-Identifier: GPL-2.0-or-later
// Some clients do not escape their descriptions: they send "Tom & Jerry".
#pragma once

#include <string>
#include <string_view>

namespace igd {

/// Returns `xml` with each '&' that begins neither a character reference nor one of the five
/// predefined entities written as "&amp;". So no other entity is ever looked up, either.
[[nodiscard]] std::string withBareAmpersandsEscaped(std::string_view xml);

}  // namespace igd
