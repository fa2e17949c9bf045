// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/form.h"

#include "upnpd/util/parse.h"

#include <cstdint>

namespace igd::upnp {
namespace {

std::optional<std::string> decoded(std::string_view text) {
    constexpr std::size_t kEscape = 3;
    std::string result;
    while (!text.empty()) {
        if (text[0] != '%') {
            result += text[0] == '+' ? ' ' : text[0];
            text.remove_prefix(1);
            continue;
        }
        const auto octet = parseUnsigned<std::uint8_t>(text.substr(1, 2), 16);
        if (text.size() < kEscape || !octet) return std::nullopt;
        result += static_cast<char>(*octet);
        text.remove_prefix(kEscape);
    }
    return result;
}

}  // namespace

std::optional<std::string> formField(std::string_view body, std::string_view name) {
    if (body.size() > kMaxForm) return std::nullopt;
    while (!body.empty()) {
        const auto field = body.substr(0, body.find('&'));
        const auto equals = field.find('=');
        if (field.substr(0, equals) == name)
            return equals == std::string_view::npos ? std::string{}
                                                    : decoded(field.substr(equals + 1));
        body.remove_prefix(field.size() + (field.size() < body.size() ? 1 : 0));
    }
    return std::nullopt;
}

}  // namespace igd::upnp
