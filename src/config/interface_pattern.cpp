// SPDX-License-Identifier: GPL-2.0-or-later
#include "upnpd/config/interface_pattern.h"

#include <algorithm>

namespace igd {
namespace {

/// Returns whether `text` is `pattern` with each * replaced by some characters. The last * that
/// was met takes one character more whenever what follows does not fit.
bool fits(std::string_view pattern, std::string_view text) {
    std::size_t at = 0;
    std::size_t read = 0;
    std::size_t star = std::string_view::npos;
    std::size_t taken = 0;
    while (read < text.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            taken = read;
        } else if (at < pattern.size() && pattern[at] == text[read]) {
            ++at;
            ++read;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            read = ++taken;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace

std::optional<InterfacePattern> InterfacePattern::parse(std::string_view text) {
    std::string rest{text};
    if (std::erase(rest, '*') == 0 || rest.empty()) return std::nullopt;
    std::string asName{text};
    std::ranges::replace(asName, '*', '_');
    if (!InterfaceName::parse(asName)) return std::nullopt;
    return InterfacePattern{text};
}

bool InterfacePattern::matches(const InterfaceName& name) const {
    return fits(text_, name.text());
}

bool Uplink::has(const InterfaceName& name) const {
    return std::ranges::find(names, name) != names.end();
}

std::string toString(const Uplink& uplink) {
    std::string text;
    for (const InterfaceName& name : uplink.names) text += (text.empty() ? "" : " ") + name.text();
    return text.empty() ? "auto" : text;
}

}  // namespace igd
