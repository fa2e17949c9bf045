// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel wants the address of a UNIX socket in this form.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>

namespace igd::control {

struct Address {
    sockaddr_un value{};
    socklen_t size = 0;
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&value); }
};

/// Returns the address of the socket file `place`, or the abstract address that begins with a NUL;
/// nullopt when it is longer than sun_path takes.
[[nodiscard]] inline std::optional<Address> addressOf(std::string_view place) {
    Address address;
    address.value.sun_family = AF_UNIX;
    if (place.size() >= sizeof address.value.sun_path) return std::nullopt;
    place.copy(address.value.sun_path, place.size());
    const bool isAbstract = place.starts_with('\0');
    address.size = static_cast<socklen_t>(
        isAbstract ? offsetof(sockaddr_un, sun_path) + place.size() : sizeof address.value);
    return address;
}

}  // namespace igd::control
