// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel wants the path of a UNIX socket in this form.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>

namespace igd::control {

/// Returns nullopt when the path is longer than sun_path takes.
[[nodiscard]] inline std::optional<sockaddr_un> addressOf(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& text = path.native();
    if (text.size() >= sizeof address.sun_path) return std::nullopt;
    text.copy(address.sun_path, text.size());
    return address;
}

}  // namespace igd::control
