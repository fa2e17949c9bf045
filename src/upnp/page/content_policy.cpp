// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/content_policy.h"

#include "page/page_assets.h"

#include "upnpd/util/parse.h"

#include <fmt/format.h>

#include <cstdint>

namespace igd::upnp {

/// Base64 (RFC 4648 section 4) writes six bits as one character: three octets, which are six
/// hexadecimal digits, are four of them.
std::string hashSource(std::string_view sha256) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr std::size_t kDigits = 6;
    std::string text;
    for (; !sha256.empty(); sha256.remove_prefix(std::min(kDigits, sha256.size()))) {
        const auto digits = sha256.substr(0, kDigits);
        const std::size_t missing = kDigits - digits.size();
        const auto bits = parseUnsigned<std::uint32_t>(digits, 16).value_or(0) << 4 * missing;
        for (const int shift : {18, 12, 6, 0}) text += kAlphabet[(bits >> shift) & 63];
        text.replace(text.size() - missing / 2, missing / 2, missing / 2, '=');
    }
    return fmt::format("'sha256-{}'", text);
}

const std::string& contentPolicy() {
    static const std::string kPolicy = fmt::format(
        "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'",
        hashSource(kPageStyle.sha256), hashSource(kPageScript.sha256));
    return kPolicy;
}

}  // namespace igd::upnp
