// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/net/interface_name.h"

#include <algorithm>

namespace igd {
namespace {

constexpr std::size_t kLongest = 15;  // IFNAMSIZ less the final NUL

bool allowed(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '@' || c == ':';
}

}  // namespace

std::optional<InterfaceName> InterfaceName::parse(std::string_view text) {
    if (text.empty() || text.size() > kLongest || text.front() == '-') return std::nullopt;
    if (text == "." || text == ".." || !std::ranges::all_of(text, allowed)) return std::nullopt;
    return InterfaceName{text};
}

}  // namespace igd
