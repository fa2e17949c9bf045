// SPDX-License-Identifier: GPL-2.0-or-later
#include "page/password.h"

#include "page/sign_ins.h"

#include <memory>

#include <crypt.h>

namespace igd::upnp {

/// crypt() answers a hash that it does not know with "*0" or "*1", whichever that hash is not.
bool isPassword(const std::string& password, const std::string& hash) {
    const bool hasNul = password.find('\0') != std::string::npos;
    if (password.empty() || hasNul || !hash.starts_with('$')) return false;
    const auto data = std::make_unique<crypt_data>();
    const char* const made = ::crypt_r(password.c_str(), hash.c_str(), data.get());
    return made != nullptr && isSameSecret(made, hash);
}

}  // namespace igd::upnp
