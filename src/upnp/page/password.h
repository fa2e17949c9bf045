// SPDX-License-Identifier: GPL-2.0-or-later
// The password of who acts on the page, as crypt(5) keeps it. Pure.
#pragma once

#include <string>

namespace igd::upnp {

/// Returns whether `password` is the one that `hash` was made of. Takes some tens of milliseconds,
/// on purpose. A hash that crypt(3) does not know fits no password, and an empty password none.
[[nodiscard]] bool isPassword(const std::string& password, const std::string& hash);

}  // namespace igd::upnp
