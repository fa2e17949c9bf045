// SPDX-License-Identifier: GPL-2.0-or-later
// The style and the script of the page, from page.css and page.js, and their SHA-256 in hexadecimal
// digits.
#pragma once

#include <string_view>

namespace igd::upnp {

struct PageAsset {
    std::string_view text;
    std::string_view sha256;
};

extern const PageAsset kPageStyle;
extern const PageAsset kPageScript;

}  // namespace igd::upnp
