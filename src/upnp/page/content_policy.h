// SPDX-License-Identifier: GPL-2.0-or-later
// The Content-Security-Policy of the page: its own style and script run, known by their hashes, and
// nothing else, whatever got into the document. Pure.
#pragma once

#include <string>
#include <string_view>

namespace igd::upnp {

/// Returns the source that allows a style or script with that SHA-256, given in hexadecimal digits
/// (CSP level 3, section 2.3.1): "'sha256-47DE...='". What is no such digits counts as 0.
[[nodiscard]] std::string hashSource(std::string_view sha256);

/// Returns the value of the header.
[[nodiscard]] const std::string& contentPolicy();

}  // namespace igd::upnp
