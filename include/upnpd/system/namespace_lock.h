// SPDX-License-Identifier: GPL-2.0-or-later
// Two daemons in one network namespace would take each other's rules for damage and repair them for
// ever: there is one at a time.
#pragma once

#include "upnpd/util/unique_fd.h"

#include <string_view>

namespace igd {

/// The place of the daemon in a network namespace: an abstract address of a UNIX socket, which
/// begins with a NUL.
constexpr std::string_view kPlaceOfDaemon{"\0upnpd", 6};

/// Holds the place of the daemon in this network namespace as long as it lives, by an abstract
/// address of a UNIX socket: the kernel keeps those apart by network namespace, and frees one when
/// its process ends, however that happens (unix(7)).
class NamespaceLock {
public:
    /// Throws std::runtime_error when another daemon has the place, with its pid.
    NamespaceLock();

    /// Returns the socket of packets that listens at the place, as a descriptor of its own. Whoever
    /// asks for the daemon of this network namespace connects to it.
    [[nodiscard]] UniqueFd listener() const;

private:
    UniqueFd socket_;
};

}  // namespace igd
