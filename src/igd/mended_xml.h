// SPDX-License-Identifier: GPL-2.0-or-later
// Some clients do not escape their descriptions: they send "Tom & Jerry", and control characters.
#pragma once

#include <string>
#include <string_view>

namespace igd {

/// Returns `xml`, which is UTF-8, with what careless clients write into texts made well-formed. An
/// '&' that begins neither the reference of a character that XML allows nor one of the five
/// predefined entities becomes "&amp;", so that no other entity is ever looked up. A '<' that
/// begins no markup becomes "&lt;". Characters that XML does not allow are dropped.
[[nodiscard]] std::string mendedXml(std::string_view xml);

}  // namespace igd
