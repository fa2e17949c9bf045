// SPDX-License-Identifier: GPL-2.0-or-later
// The elements of a stranger's XML document in their order, read through expat under bounds.
// Nothing of a document type is looked at.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace igd::above {

struct XmlElement {
    std::size_t depth = 0;  ///< 1: the document's own
    std::string name;       ///< without its namespace
    std::string text;       ///< its own, trimmed, at most 1024 octets
};

/// Returns the elements of `document`; nullopt when it is no XML, has a document type, or is deeper
/// than 24 elements or longer than 2000.
[[nodiscard]] std::optional<std::vector<XmlElement>> readElements(std::string_view document);

}  // namespace igd::above
